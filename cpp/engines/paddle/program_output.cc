#include "program_output.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "model/output_tensor.h"
#include "ppinfer/error.h"
#include "program_message.h"

namespace ppinfer {
namespace {

using namespace program_field;
using Field = MessageField;

// Of the operator that is put before the fetch.
constexpr std::string_view kRow = "ppinfer_output_tensor", kRowShape = "ppinfer_output_tensor_shape";

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}

std::string delimited_field(std::uint64_t number, std::string_view value) {
  constexpr std::uint64_t kLengthDelimited = 2;
  return varint(number << 3 | kLengthDelimited) + varint(value.size()) + std::string(value);
}

std::string number_field(std::uint64_t number, std::int64_t value) {
  return varint(number << 3) + varint(static_cast<std::uint64_t>(value));
}

std::string arguments(std::uint64_t field, std::string_view parameter, std::string_view name) {
  return delimited_field(field, delimited_field(kParameter, parameter) + delimited_field(kArguments, name));
}

// A tensor of float32 [?, ?]: what it is in truth comes out as the program runs.
std::string variable(std::string_view name) {
  constexpr std::int64_t kFloat32 = 5, kDenseTensor = 7, kOpen = -1;
  const std::string tensor = number_field(1, kFloat32) + number_field(2, kOpen) + number_field(2, kOpen);
  const std::string type = number_field(1, kDenseTensor) + delimited_field(3, delimited_field(1, tensor));
  return delimited_field(kVars, delimited_field(1, name) + delimited_field(2, type));
}

// Makes a row of an image's values. More than a convenience: a feature map that is fetched as oneDNN's kernels leave
// it has its channels in blocks, and Paddle says nothing of it; a reshape puts them in their order first.
std::string flattening(std::string_view tensor) {
  constexpr std::int64_t kInts = 3, kAsBefore = 0, kTheRest = -1;
  const std::string shape =
      delimited_field(1, "shape") + number_field(2, kInts) + number_field(6, kAsBefore) + number_field(6, kTheRest);
  return delimited_field(kOps, arguments(kInputs, "X", tensor) + arguments(kOutputs, "Out", kRow) +
                                   arguments(kOutputs, "XShape", kRowShape) + delimited_field(kType, "reshape2") +
                                   delimited_field(kAttrs, shape));
}

struct Operator {
  explicit Operator(std::string_view message) : fields(fields_of(message)) {
    for (const Field& field : fields) {
      if (field.number == kType) type = field.value;
      if (field.number != kInputs && field.number != kOutputs) continue;
      for (const Field& part : fields_of(field.value)) {
        if (part.number == kArguments) (field.number == kInputs ? inputs : outputs).push_back(part.value);
      }
    }
  }

  std::vector<Field> fields;
  std::string_view type;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
};

std::vector<std::string> computed_tensors(const std::vector<Operator>& operators) {
  std::vector<std::string> names;
  std::set<std::string_view> known;
  for (const Operator& op : operators) {
    if (op.type == "feed" || op.type == "fetch") continue;
    for (const std::string_view name : op.outputs) {
      if (known.insert(name).second) names.emplace_back(name);
    }
  }
  return names;
}

// Which operators lead to the tensor; the feed and the first fetch, too.
std::vector<bool> needed_operators(const std::vector<Operator>& operators, std::string_view tensor) {
  std::vector<bool> needed(operators.size());
  std::set<std::string_view> wanted{tensor};
  for (std::size_t i = operators.size(); i-- > 0;) {
    const Operator& op = operators[i];
    if (op.type == "fetch") continue;
    needed[i] = op.type == "feed" || std::any_of(op.outputs.begin(), op.outputs.end(),
                                                 [&](std::string_view name) { return wanted.count(name) > 0; });
    if (needed[i]) wanted.insert(op.inputs.begin(), op.inputs.end());
  }
  const auto fetch =
      std::find_if(operators.begin(), operators.end(), [](const Operator& op) { return op.type == "fetch"; });
  if (fetch == operators.end()) throw DamagedMessage{};
  needed[static_cast<std::size_t>(fetch - operators.begin())] = true;
  return needed;
}

std::string fetching_the_row(const Operator& fetch) {
  std::string message;
  for (const Field& field : fetch.fields) {
    if (field.number != kInputs) message += field.whole;
  }
  return delimited_field(kOps, message + arguments(kInputs, "X", kRow));
}

std::string block_with_output(const EngineOptions& options, std::string_view block) {
  const std::vector<Field> fields = fields_of(block);
  std::vector<Operator> operators;
  for (const Field& field : fields) {
    if (field.number == kOps) operators.emplace_back(field.value);
  }
  const std::vector<std::string> tensors = computed_tensors(operators);
  if (std::find(tensors.begin(), tensors.end(), options.output_tensor) == tensors.end()) {
    throw_no_such_tensor(options, tensors);
  }
  const std::vector<bool> needed = needed_operators(operators, options.output_tensor);
  std::string result = variable(kRow) + variable(kRowShape);
  auto op = operators.begin();
  for (const Field& field : fields) {
    if (field.number != kOps) {
      result += field.whole;
      continue;
    }
    const bool is_needed = needed[static_cast<std::size_t>(op - operators.begin())];
    const bool is_fetch = op->type == "fetch";
    if (is_needed && is_fetch) result += flattening(options.output_tensor) + fetching_the_row(*op);
    if (is_needed && !is_fetch) result += field.whole;
    ++op;
  }
  return result;
}

std::string program_with_output(const EngineOptions& options) {
  const std::string program = program_bytes(options, "output_tensor");
  try {
    std::string result;
    bool is_main_block = true;
    for (const Field& field : fields_of(program)) {
      const bool change = field.number == kBlocks && is_main_block;
      result += change ? delimited_field(kBlocks, block_with_output(options, field.value)) : std::string(field.whole);
      if (change) is_main_block = false;
    }
    return result;
  } catch (const DamagedMessage&) {
    throw_damaged_program(options);
  }
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw std::system_error(errno, std::generic_category(), "writing the program to memory");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

ProgramFile::ProgramFile(const EngineOptions& options) : path_(options.model_path) {
  if (options.output_tensor.empty() || options.format != ModelFormat::kPaddleProgram) return;
  const std::string program = program_with_output(options);
  descriptor_ = memfd_create("pdmodel", MFD_CLOEXEC);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  try {
    write_all(descriptor_, program);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

ProgramFile::~ProgramFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace ppinfer

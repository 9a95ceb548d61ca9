#include "program_message.h"

#include <fstream>
#include <iterator>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// A program holds no weights: the largest of PaddleClas' exports have 2 MB. Taken apart it fills some 100 times its
// size.
constexpr std::streamoff kMaxParsedBytes = 16 << 20;

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw DamagedMessage{};
}

std::string_view take(std::string_view& bytes, std::uint64_t count) {
  if (count > bytes.size()) throw DamagedMessage{};
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

// In both of the forms that Paddle's quantisation writes: quantize_linear, or fake_quantize_range_abs_max and the like.
bool quantizes(std::string_view op) {
  for (const MessageField& field : fields_of(op)) {
    if (field.number == program_field::kType) {
      return field.value == "quantize_linear" || field.value.substr(0, 13) == "fake_quantize";
    }
  }
  return false;
}

}  // namespace

std::vector<MessageField> fields_of(std::string_view message) {
  std::vector<MessageField> fields;
  while (!message.empty()) {
    const std::string_view start = message;
    const std::uint64_t tag = take_varint(message);
    MessageField field{tag >> 3, {}, {}};
    switch (tag & 7) {
      case 0:
        take_varint(message);
        break;
      case 1:
        take(message, 8);
        break;
      case 2:
        field.value = take(message, take_varint(message));
        break;
      case 5:
        take(message, 4);
        break;
      default:
        throw DamagedMessage{};
    }
    field.whole = start.substr(0, start.size() - message.size());
    fields.push_back(field);
  }
  return fields;
}

std::string program_bytes(const EngineOptions& options, const std::string& key) {
  std::ifstream file(options.model_path, std::ios::binary | std::ios::ate);
  if (file.tellg() > kMaxParsedBytes) {
    throw ModelError(options.model_path + ": " + key + " needs a program (.pdmodel) of 16 MiB at most, this one has " +
                     counted(file.tellg(), "byte") + ": is it the weights?");
  }
  file.seekg(0);
  return {std::istreambuf_iterator<char>(file), {}};
}

void throw_damaged_program(const EngineOptions& options) {
  throw ModelError(options.model_path + ": not a Paddle program (.pdmodel), or damaged: was it copied in full?");
}

bool any_operator(const EngineOptions& options, const std::string& key, bool (*is_one)(std::string_view op)) {
  const std::string program = program_bytes(options, key);
  try {
    for (const MessageField& block : fields_of(program)) {
      if (block.number != program_field::kBlocks) continue;
      for (const MessageField& field : fields_of(block.value)) {
        if (field.number == program_field::kOps && is_one(field.value)) return true;
      }
    }
    return false;
  } catch (const DamagedMessage&) {
    throw_damaged_program(options);
  }
}

bool is_quantized_program(const EngineOptions& options) { return any_operator(options, "precision int8", quantizes); }

}  // namespace ppinfer

#include "config/model_input.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "core/protobuf_file.h"

namespace ppinfer {
namespace {

using Dims = std::vector<std::int64_t>;  // 0 or less: open
using Field = ProtobufField;

constexpr std::int64_t kMaxSidePx = 16384;
constexpr std::uint64_t kMaxFields = 4'000'000;
constexpr std::size_t kMaxNameBytes = 4096;
constexpr std::uint64_t kMaxTextBytes = 64 << 20;  // of a model's text; the largest of published nets have some MB

Size sides_of(const Dims& dims) {
  if (dims.size() != 4) return {};
  const bool has_channels_first = dims[1] <= 0 || dims[1] == 1 || dims[1] == 3 || dims[1] == 4;
  const auto is_side = [](std::int64_t side) { return side > 0 && side <= kMaxSidePx; };
  if (!has_channels_first || !is_side(dims[2]) || !is_side(dims[3])) return {};
  return {static_cast<int>(dims[3]), static_cast<int>(dims[2])};
}

Size sides_of_only(const std::vector<Dims>& inputs) { return inputs.size() == 1 ? sides_of(inputs[0]) : Size{}; }

template <class Use>
void each_field(ProtobufFile& file, ByteRange message, Use use) {
  for (Field field; file.next(message, field);) use(field);
}

// Empty where it is longer than names are.
std::string name_in(ProtobufFile& file, const Field& field) {
  return field.value.size() > kMaxNameBytes ? "" : file.text(field.value, kMaxNameBytes);
}

// onnx.proto: ModelProto { GraphProto graph = 7; repeated StringStringEntryProto metadata_props = 14; }
//   GraphProto { repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; }
//   TensorProto { string name = 8; }
//   ValueInfoProto { string name = 1; TypeProto type = 2; }  TypeProto { Tensor tensor_type = 1; }
//   Tensor { TensorShapeProto shape = 2; }  TensorShapeProto { repeated Dimension dim = 1; }
//   Dimension { int64 dim_value = 1; }  StringStringEntryProto { string key = 1; string value = 2; }
class OnnxFile {
 public:
  explicit OnnxFile(const std::string& path) : file_(path, kMaxFields) {}

  ModelInput read() {
    each_field(file_, file_.all(), [this](const Field& field) {
      if (field.number == 7) read_graph(field);
      if (field.number == 14) found_.metadata.push_back(key_of(field));
    });
    std::vector<Dims> images;
    for (auto& [name, dims] : inputs_) {
      if (initializers_.count(name) == 0) images.push_back(std::move(dims));  // old exporters list weights as inputs
    }
    found_.sides_px = sides_of_only(images);
    return std::move(found_);
  }

 private:
  void read_graph(const Field& graph) {
    each_field(file_, graph.value, [this](const Field& field) {
      if (field.number == 5) read_initializer(field);
      if (field.number == 11) read_input(field);
    });
  }

  void read_initializer(const Field& tensor) {
    each_field(file_, tensor.value, [this](const Field& field) {
      if (field.number == 8) initializers_.insert(name_in(file_, field));
    });
  }

  void read_input(const Field& input) {
    auto& named_dims = inputs_.emplace_back();
    each_field(file_, input.value, [&, this](const Field& field) {
      if (field.number == 1) named_dims.first = name_in(file_, field);
      if (field.number == 2) read_path(field, {1, 2, 1}, named_dims.second);
    });
  }

  // Down the one-field path of messages to each Dimension.
  void read_path(const Field& message, const std::vector<std::uint64_t>& path, Dims& dims, std::size_t depth = 0) {
    if (depth == path.size()) {
      std::int64_t side = 0;
      each_field(file_, message.value, [&](const Field& field) {
        if (field.number == 1 && !field.is_delimited) side = static_cast<std::int64_t>(field.varint);
      });
      dims.push_back(side);
      return;
    }
    each_field(file_, message.value, [&, this](const Field& field) {
      if (field.number == path[depth] && field.is_delimited) read_path(field, path, dims, depth + 1);
    });
  }

  std::string key_of(const Field& entry) {
    std::string key;
    each_field(file_, entry.value, [&, this](const Field& field) {
      if (field.number == 1) key = name_in(file_, field);
    });
    return key;
  }

  ProtobufFile file_;
  ModelInput found_;
  std::vector<std::pair<std::string, Dims>> inputs_;
  std::set<std::string> initializers_;
};

// framework.proto, of block 0: BlockDesc { repeated VarDesc vars = 3; repeated OpDesc ops = 4; }
//   VarDesc { string name = 1; VarType type = 2; }  VarType { DenseTensorDesc dense_tensor = 3; }
//   DenseTensorDesc { TensorDesc tensor = 1; }  TensorDesc { repeated int64 dims = 2; }
//   OpDesc { repeated Var outputs = 2; string type = 3; }  Var { repeated string arguments = 2; }
class ProgramFile {
 public:
  explicit ProgramFile(const std::string& path) : file_(path, kMaxFields) {}

  ModelInput read() {
    bool is_first = true;
    each_field(file_, file_.all(), [&](const Field& field) {
      if (field.number == 1 && std::exchange(is_first, false)) read_block(field);
    });
    std::vector<Dims> inputs;
    for (const std::string& name : fed_) inputs.push_back(dims_[name]);
    return {sides_of_only(inputs), {}};
  }

 private:
  void read_block(const Field& block) {
    each_field(file_, block.value, [this](const Field& field) {
      if (field.number == 3) read_variable(field);
      if (field.number == 4) read_operator(field);
    });
  }

  void read_variable(const Field& variable) {
    std::string name;
    Dims dims;
    each_field(file_, variable.value, [&, this](const Field& field) {
      if (field.number == 1) name = name_in(file_, field);
      if (field.number == 2) read_type(field, dims);
    });
    dims_[name] = std::move(dims);
  }

  void read_type(const Field& type, Dims& dims) {
    each_field(file_, type.value, [&, this](const Field& dense) {
      if (dense.number != 3) return;
      each_field(file_, dense.value, [&, this](const Field& tensor) {
        if (tensor.number == 1) read_dims(tensor, dims);
      });
    });
  }

  void read_dims(const Field& tensor, Dims& dims) {
    each_field(file_, tensor.value, [&, this](const Field& field) {
      if (field.number != 2) return;
      if (!field.is_delimited) dims.push_back(static_cast<std::int64_t>(field.varint));
      for (ByteRange packed = field.value; packed.size() > 0;) {
        dims.push_back(static_cast<std::int64_t>(file_.varint(packed)));
      }
    });
  }

  void read_operator(const Field& op) {
    std::string output;
    std::string type;
    each_field(file_, op.value, [&, this](const Field& field) {
      if (field.number == 3) type = name_in(file_, field);
      if (field.number != 2) return;
      each_field(file_, field.value, [&, this](const Field& argument) {
        if (argument.number == 2) output = name_in(file_, argument);
      });
    });
    if (type == "feed") fed_.push_back(output);
  }

  ProtobufFile file_;
  std::map<std::string, Dims> dims_;
  std::vector<std::string> fed_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || static_cast<std::uint64_t>(file.tellg()) > kMaxTextBytes) return "";
  std::string text(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

// "-1,3,48,192", "?,3,48,192"
Dims dims_in(std::string_view list) {
  Dims dims;
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view side = list.substr(0, comma);
    while (!side.empty() && side.front() == ' ') side.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(side.data(), side.data() + side.size(), value);
    const bool is_number = error == std::errc() && end == side.data() + side.size();
    dims.push_back(is_number ? value : 0);
    if (comma == std::string_view::npos) return dims;
    list.remove_prefix(comma + 1);
  }
}

// The text behind each `mark` between `before` and `after`, for the first two marks at most: two or more are as
// ambiguous as none.
std::vector<Dims> shapes_behind(std::string_view text, std::string_view mark, std::string_view before,
                                std::string_view after) {
  std::vector<Dims> shapes;
  for (std::size_t at = 0; shapes.size() < 2 && (at = text.find(mark, at)) != std::string_view::npos;) {
    at += mark.size();
    const std::size_t start = text.find(before, at);
    if (start == std::string_view::npos) break;
    const std::size_t end = text.find(after, start + before.size());
    if (end == std::string_view::npos) break;
    shapes.push_back(dims_in(text.substr(start + before.size(), end - start - before.size())));
  }
  return shapes;
}

ModelInput read_ir(const std::string& path) {
  const std::string text = text_of(path);
  ModelInput found;
  found.sides_px = sides_of_only(shapes_behind(text, "type=\"Parameter\"", " shape=\"", "\""));
  if (text.find("<model_info>") != std::string::npos) found.metadata.emplace_back("model_info");
  return found;
}

// {"#":"1.data","A":[...,{"AT":{"#":"1.a_intarray","D":[-1,3,224,224]},"N":"shape"},...]}
ModelInput read_pir(const std::string& path) {
  return {sides_of_only(shapes_behind(text_of(path), "\"#\":\"1.data\"", "a_intarray\",\"D\":[", "]")), {}};
}

}  // namespace

ModelInput read_model_input(const std::string& path, ModelFormat format) try {
  switch (format) {
    case ModelFormat::kOnnx:
      return OnnxFile(path).read();
    case ModelFormat::kPaddleProgram:
      return ProgramFile(path).read();
    case ModelFormat::kOpenVinoIr:
      return read_ir(path);
    case ModelFormat::kPaddlePir:
      return read_pir(path);
    case ModelFormat::kFake:
      break;
  }
  return {};
} catch (const NotProtobuf&) {
  return {};
}

}  // namespace ppinfer

#include "model/paddle_files.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "core/protobuf_file.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Reads forward through a file whose size is known; every read says whether it stayed inside.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : file_(path, std::ios::binary), size_(std::filesystem::file_size(path)), left_(size_) {}

  bool opened() const { return file_.is_open(); }
  std::uint64_t left() const { return left_; }
  std::uint64_t position() const { return size_ - left_; }

  bool read(void* bytes, std::uint64_t count) {
    if (count > left_ || !file_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count))) return false;
    left_ -= count;
    return true;
  }
  template <class T>
  bool read(T& value) {  // both formats and all supported machines are little-endian
    return read(&value, sizeof(value));
  }
  bool skip(std::uint64_t count) {
    if (count > left_) return false;
    left_ -= count;
    return static_cast<bool>(file_.seekg(static_cast<std::streamoff>(count), std::ios::cur));
  }
  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      std::uint8_t byte = 0;
      if (!read(byte)) return false;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

 private:
  std::ifstream file_;
  std::uint64_t size_;
  std::uint64_t left_;
};

Reader open_file(const std::string& path, const char* key) {
  namespace fs = std::filesystem;
  if (path.empty()) throw ModelError(std::string(key) + " isn't set: the model's format needs it");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw ModelError(path + ": no such file (" + key + ")");
  if (!fs::is_regular_file(status)) throw ModelError(path + ": not a file (" + key + ")");
  Reader reader(path);
  if (!reader.opened()) throw ModelError(path + ": can't be read: permission denied? (" + key + ")");
  if (reader.left() == 0) throw ModelError(path + ": the file is empty (" + key + ")");
  return reader;
}

// Programs hold no weights: the largest of PaddleClas' exports have 2 MB and some 100,000 parts. Empty parts take two
// bytes each in the file, and 100 or more in an inference library.
constexpr std::uint64_t kMaxProgramBytes = 64 << 20;
constexpr std::uint64_t kMaxProgramParts = 1'000'000;

// framework.proto: ProgramDesc { repeated BlockDesc blocks = 1; Version version = 4; OpVersionMap op_version_map = 5;
// }, all of them length-delimited. BlockDesc { ... repeated VarDesc vars = 3; repeated OpDesc ops = 4; ... },
// OpDesc { repeated Var inputs = 1; repeated Var outputs = 2; ... repeated Attr attrs = 4; ... }
enum class ProgramPart { kProgram, kBlock, kOp, kOther };

ProgramPart part_in(ProgramPart part, std::uint32_t field) {
  if (part == ProgramPart::kProgram) return field == 1 ? ProgramPart::kBlock : ProgramPart::kOther;
  return part == ProgramPart::kBlock && field == 4 ? ProgramPart::kOp : ProgramPart::kOther;
}

void count_parts(ProtobufFile& file, ProgramPart part, ByteRange rest) {
  ProtobufField field;
  while (file.next(rest, field)) {
    const ProgramPart inner = field.is_delimited ? part_in(part, field.number) : ProgramPart::kOther;
    if (inner != ProgramPart::kOther) count_parts(file, inner, field.value);
  }
}

// Throws NotProtobuf. Its parts are counted before an inference library makes objects of them.
void check_program(const std::string& path) {
  ProtobufFile file(path, kMaxProgramParts);
  if (file.all().size() > kMaxProgramBytes) {
    throw NotProtobuf{"it has " + std::to_string(file.all().size()) + " bytes, at most " +
                      std::to_string(kMaxProgramBytes) + " were expected"};
  }
  ByteRange rest = file.all();
  ProtobufField field;
  bool has_block = false;
  while (file.next(rest, field)) {
    if (!field.is_delimited || field.number > 5) throw NotProtobuf{"it has a field that programs lack"};
    has_block = has_block || field.number == 1;
  }
  if (!has_block) throw NotProtobuf{"it has no block"};
  count_parts(file, ProgramPart::kProgram, file.all());
}

// framework.proto's VarType.Type. Nothing for a type that isn't known here.
std::optional<std::uint64_t> bytes_per_value(std::uint64_t data_type) {
  switch (data_type) {
    case 0:   // bool
    case 20:  // uint8
    case 21:  // int8
      return 1;
    case 1:   // int16
    case 4:   // float16
    case 22:  // bfloat16
      return 2;
    case 2:  // int32
    case 5:  // float32
      return 4;
    case 3:   // int64
    case 6:   // float64
    case 23:  // complex64
      return 8;
    case 24:  // complex128
      return 16;
    default:
      return std::nullopt;
  }
}

// What sound files stay far below; damaged and hostile ones would be read on and on.
constexpr std::size_t kMaxTensors = 1'000'000;
constexpr std::uint64_t kMaxLodLevels = 64;
constexpr std::int32_t kMaxDescBytes = 4096;

bool multiply(std::uint64_t& product, std::uint64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

// TensorDesc { required Type data_type = 1; repeated int64 dims = 2; }
bool read_tensor_desc(Reader& reader, std::uint64_t length, StoredTensor& tensor) {
  constexpr std::uint64_t kDataType = 1 << 3, kDim = 2 << 3, kPackedDims = 2 << 3 | 2;
  if (length > reader.left()) return false;
  const std::uint64_t end = reader.left() - length;
  while (reader.left() > end) {
    std::uint64_t tag = 0, value = 0;
    if (!reader.read_varint(tag) || !reader.read_varint(value)) return false;
    if (tag == kDataType) {
      tensor.data_type = value;
    } else if (tag == kDim) {
      tensor.dims.push_back(value);
    } else if (tag == kPackedDims) {
      if (value > reader.left() - end) return false;
      for (const std::uint64_t dims_end = reader.left() - value; reader.left() > dims_end;) {
        std::uint64_t dim = 0;
        if (!reader.read_varint(dim)) return false;
        tensor.dims.push_back(dim);
      }
    } else {
      return false;
    }
  }
  return reader.left() == end;
}

// One tensor of a combined parameters file: uint32 version, uint64 number of LoD levels, each with its bytes, uint32
// version, int32 length of a TensorDesc, the TensorDesc, the values.
std::optional<StoredTensor> read_tensor(Reader& reader) {
  std::uint32_t version = 0;
  std::uint64_t lod_levels = 0;
  if (!reader.read(version) || version != 0 || !reader.read(lod_levels) || lod_levels > kMaxLodLevels) {
    return std::nullopt;
  }
  for (std::uint64_t level = 0; level < lod_levels; ++level) {
    std::uint64_t bytes = 0;
    if (!reader.read(bytes) || !reader.skip(bytes)) return std::nullopt;
  }
  std::int32_t desc_bytes = 0;
  if (!reader.read(version) || version != 0 || !reader.read(desc_bytes)) return std::nullopt;
  if (desc_bytes <= 0 || desc_bytes > kMaxDescBytes) return std::nullopt;
  StoredTensor tensor;
  if (!read_tensor_desc(reader, static_cast<std::uint64_t>(desc_bytes), tensor)) return std::nullopt;
  tensor.begin = reader.position();
  const std::optional<std::uint64_t> value_bytes = bytes_per_value(tensor.data_type);
  tensor.bytes = value_bytes.value_or(reader.left());  // a type of a newer Paddle: Paddle checks the rest
  for (const std::uint64_t dim : value_bytes ? tensor.dims : std::vector<std::uint64_t>()) {
    if (!multiply(tensor.bytes, dim)) return std::nullopt;
  }
  if (!reader.skip(tensor.bytes)) return std::nullopt;
  return tensor;
}

}  // namespace

void check_paddle_files(const EngineOptions& options) {
  open_file(options.model_path, "cls_model_path");
  if (options.format == ModelFormat::kPaddleProgram) {
    try {
      check_program(options.model_path);
    } catch (const NotProtobuf& problem) {
      throw ModelError(options.model_path + ": not a Paddle program (.pdmodel), or damaged (" + problem.what() +
                       "): was it copied in full?");
    }
  }
  tensors_of_params(options.params_path);
}

std::vector<StoredTensor> tensors_of_params(const std::string& path) {
  Reader params = open_file(path, "cls_params_path");
  std::vector<StoredTensor> tensors;
  while (params.left() > 0) {
    const std::optional<StoredTensor> tensor = read_tensor(params);
    if (!tensor || tensors.size() == kMaxTensors) {
      throw ModelError(path + ": not a Paddle parameters file (.pdiparams), or damaged: was it copied in full?");
    }
    tensors.push_back(*tensor);
  }
  return tensors;
}

}  // namespace ppinfer

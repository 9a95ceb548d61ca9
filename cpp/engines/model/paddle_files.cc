#include "model/paddle_files.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Reads forward through a file whose size is known; every read says whether it stayed inside.
class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path, std::ios::binary), left_(std::filesystem::file_size(path)) {}

  bool opened() const { return file_.is_open(); }
  std::uint64_t left() const { return left_; }

  bool read(void* bytes, std::uint64_t count) {
    if (count > left_ || !file_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count))) return false;
    left_ -= count;
    return true;
  }
  template <class T>
  bool read(T& value) {  // both formats are little-endian, as are the machines we build for
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

// framework.proto: ProgramDesc { repeated BlockDesc blocks = 1; Version version = 4; OpVersionMap op_version_map = 5;
// }, all of them length-delimited.
bool is_program(Reader& reader) {
  constexpr std::uint64_t kLengthDelimited = 2;
  bool has_block = false;
  while (reader.left() > 0) {
    std::uint64_t tag = 0, length = 0;
    if (!reader.read_varint(tag) || (tag & 7) != kLengthDelimited) return false;
    const std::uint64_t field = tag >> 3;
    if (field < 1 || field > 5 || !reader.read_varint(length) || !reader.skip(length)) return false;
    has_block = has_block || field == 1;
  }
  return has_block;
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

struct TensorDesc {  // { required Type data_type = 1; repeated int64 dims = 2; }
  std::uint64_t data_type = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t values = 1;
};

bool multiply(std::uint64_t& product, std::uint64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

bool read_tensor_desc(Reader& reader, std::uint64_t length, TensorDesc& desc) {
  constexpr std::uint64_t kDataType = 1 << 3, kDim = 2 << 3, kPackedDims = 2 << 3 | 2;
  if (length > reader.left()) return false;
  const std::uint64_t end = reader.left() - length;
  while (reader.left() > end) {
    std::uint64_t tag = 0, value = 0;
    if (!reader.read_varint(tag) || !reader.read_varint(value)) return false;
    if (tag == kDataType) {
      desc.data_type = value;
    } else if (tag == kDim) {
      if (!multiply(desc.values, value)) return false;
    } else if (tag == kPackedDims) {
      if (value > reader.left() - end) return false;
      for (const std::uint64_t dims_end = reader.left() - value; reader.left() > dims_end;) {
        std::uint64_t dim = 0;
        if (!reader.read_varint(dim) || !multiply(desc.values, dim)) return false;
      }
    } else {
      return false;
    }
  }
  return reader.left() == end;
}

// One tensor of a combined parameters file: uint32 version, uint64 number of LoD levels, each with its bytes, uint32
// version, int32 length of a TensorDesc, the TensorDesc, the values.
bool skip_tensor(Reader& reader) {
  std::uint32_t version = 0;
  std::uint64_t lod_levels = 0;
  if (!reader.read(version) || version != 0 || !reader.read(lod_levels)) return false;
  for (std::uint64_t level = 0; level < lod_levels; ++level) {
    std::uint64_t bytes = 0;
    if (!reader.read(bytes) || !reader.skip(bytes)) return false;
  }
  std::int32_t desc_bytes = 0;
  if (!reader.read(version) || version != 0 || !reader.read(desc_bytes) || desc_bytes <= 0) return false;
  TensorDesc desc;
  if (!read_tensor_desc(reader, static_cast<std::uint64_t>(desc_bytes), desc)) return false;
  const std::optional<std::uint64_t> value_bytes = bytes_per_value(desc.data_type);
  if (!value_bytes) return reader.skip(reader.left());  // a newer Paddle's type: the rest is Paddle's to judge
  return multiply(desc.values, *value_bytes) && reader.skip(desc.values);
}

}  // namespace

void check_paddle_files(const EngineOptions& options) {
  Reader program = open_file(options.model_path, "cls_model_path");
  if (options.format == ModelFormat::kPaddleProgram && !is_program(program)) {
    throw ModelError(options.model_path + ": not a Paddle program (.pdmodel), or damaged: was it copied in full?");
  }
  Reader params = open_file(options.params_path, "cls_params_path");
  while (params.left() > 0) {
    if (!skip_tensor(params)) {
      throw ModelError(options.params_path +
                       ": not a Paddle parameters file (.pdiparams), or damaged: was it copied in full?");
    }
  }
}

}  // namespace ppinfer

// Reads a Paddle program (.pdmodel): only the needed fields of framework.proto, without a protobuf library.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace ppinfer {

// By field numbers:
//   ProgramDesc { repeated BlockDesc blocks = 1; ... }
//   BlockDesc { ... repeated VarDesc vars = 3; repeated OpDesc ops = 4; ... }
//   OpDesc { required string type = 3; repeated Var inputs = 1; repeated Var outputs = 2; repeated Attr attrs = 4; ...
//   } OpDesc.Var { required string parameter = 1; repeated string arguments = 2; } OpDesc.Attr { required string name =
//   1; required AttrType type = 2; ... repeated int32 ints = 6; ... } VarDesc { required string name = 1; required
//   VarType type = 2; ... } VarType { required Type type = 1; optional DenseTensorDesc dense_tensor = 3; ... }
//   DenseTensorDesc { required TensorDesc tensor = 1; ... }
//   TensorDesc { required Type data_type = 1; repeated int64 dims = 2; }
namespace program_field {
constexpr std::uint64_t kBlocks = 1, kVars = 3, kOps = 4, kInputs = 1, kOutputs = 2, kType = 3, kAttrs = 4,
                        kParameter = 1, kArguments = 2;
}

struct MessageField {
  std::uint64_t number = 0;
  std::string_view value;  // of a length-delimited field
  std::string_view whole;  // with its tag
};

// What reading it throws when a message isn't one.
class DamagedMessage : public std::runtime_error {
 public:
  DamagedMessage() : std::runtime_error("damaged message") {}
};

std::vector<MessageField> fields_of(std::string_view message);

// Of the file, which is read for the config key `key`. Throws ModelError: it is larger than programs are.
std::string program_bytes(const EngineOptions& options, const std::string& key);

// Throws ModelError: the file isn't a program.
[[noreturn]] void throw_damaged_program(const EngineOptions& options);

// Whether an operator of the program, given as its message, is one of these. The file is read for the config key `key`.
// Throws ModelError: not a program, or larger than programs are.
bool any_operator(const EngineOptions& options, const std::string& key, bool (*is_one)(std::string_view op));

// Whether its activations are quantised, as Paddle's quantisation tools leave them. Throws ModelError: not a program.
bool is_quantized_program(const EngineOptions& options);

}  // namespace ppinfer

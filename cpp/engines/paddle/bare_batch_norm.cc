#include "bare_batch_norm.h"

#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "ppinfer/error.h"
#include "program_message.h"

namespace ppinfer {
namespace {

using Json = nlohmann::json;

bool is_bare_operator(std::string_view op) {
  bool is_batch_norm = false;
  std::set<std::string_view> given;  // inputs that have an argument
  for (const MessageField& field : fields_of(op)) {
    if (field.number == program_field::kType) is_batch_norm = field.value == "batch_norm";
    if (field.number != program_field::kInputs) continue;
    std::string_view parameter;
    bool has_argument = false;
    for (const MessageField& part : fields_of(field.value)) {
      if (part.number == program_field::kParameter) parameter = part.value;
      has_argument = has_argument || part.number == program_field::kArguments;
    }
    if (has_argument) given.insert(parameter);
  }
  return is_batch_norm && (given.count("Scale") == 0 || given.count("Bias") == 0);
}

// {"#": "1.batch_norm_", "I": [image, mean, variance, weight, bias], ...}, each input {"%": number}; 0: not given.
bool is_bare_operation(const Json& operation) {
  constexpr std::size_t kWeight = 3, kBias = 4;
  const auto name = operation.find("#");
  const auto inputs = operation.find("I");
  if (name == operation.end() || inputs == operation.end()) return false;
  if (*name != "1.batch_norm_" && *name != "1.batch_norm") return false;
  const auto is_given = [&](std::size_t index) {
    return inputs->is_array() && inputs->size() > index && (*inputs)[index] != Json{{"%", 0}};
  };
  return !is_given(kWeight) || !is_given(kBias);
}

// Of a file that isn't a program Paddle says what is wrong.
bool pir_has_one(const EngineOptions& options) {
  std::ifstream file(options.model_path, std::ios::binary);
  bool found = false;
  const auto find = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_end && value.is_object()) found = found || is_bare_operation(value);
    return true;
  };
  const Json program = Json::parse(file, find, /*allow_exceptions=*/false);
  return found && !program.is_discarded();
}

}  // namespace

void check_batch_norms(const EngineOptions& options) {
  if (!options.use_mkldnn) return;
  const bool is_pir = options.format == ModelFormat::kPaddlePir;
  if (!(is_pir ? pir_has_one(options) : any_operator(options, "use_mkldnn 1", is_bare_operator))) return;
  throw ModelError(options.model_path +
                   ": has a batch norm without weight or bias, on which Paddle's oneDNN kernel crashes. Set " +
                   (is_pir ? "`engine openvino` or " : "") + "`use_mkldnn 0` (slower)");
}

}  // namespace ppinfer

#include "program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "core/message_text.h"
#include "engine/engine.h"
#include "ppinfer/error.h"

namespace ppinfer::pir {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;  // programs of 1,000 operations have 2 MB
constexpr int kMaxDepth = 64;                                 // exports have 12
constexpr std::int64_t kMaxSide = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMaxRank = 16;
constexpr std::size_t kMaxOperations = 50'000;  // OpenVINO walks along chains of them by recursion
constexpr int kNewestVersion = 4;

// What is wrong, without the file's name.
class Malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void fail(const std::string& what) { throw Malformed(what); }

const Json& member(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) fail(std::string("\"") + key + "\" is missing");
  return *found;
}

const Json& list_member(const Json& object, const char* key) {
  const Json& list = member(object, key);
  if (!list.is_array()) fail(std::string("\"") + key + "\" isn't a list");
  return list;
}

const std::string& text_of(const Json& value, const char* what) {
  if (!value.is_string()) fail(std::string(what) + " isn't text");
  return value.get_ref<const std::string&>();
}

const std::string& text_member(const Json& object, const char* key) { return text_of(member(object, key), key); }

std::int64_t integer_of(const Json& value, std::int64_t least, std::int64_t most, const char* what) {
  const bool fits =
      value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  if (!fits || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
    fail(std::string(what) + " isn't an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value.get<std::int64_t>();
}

ValueId id_of(const Json& object) { return integer_of(member(object, "%"), 0, kMaxSide, "a value's number"); }

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

ov::element::Type element_type_of(const std::string& kind) {
  static const std::map<std::string_view, ov::element::Type> kTypes = {
      {"t_bool", ov::element::boolean}, {"t_f16", ov::element::f16}, {"t_bf16", ov::element::bf16},
      {"t_f32", ov::element::f32},      {"t_f64", ov::element::f64}, {"t_i8", ov::element::i8},
      {"t_ui8", ov::element::u8},       {"t_i16", ov::element::i16}, {"t_i32", ov::element::i32},
      {"t_i64", ov::element::i64}};
  const auto found = kTypes.find(std::string_view(kind).substr(kind.find('.') + 1));
  if (found == kTypes.end()) fail("tensors of type " + shown_word(kind) + " aren't known");
  return found->second;
}

ov::PartialShape shape_of(const Json& sides) {
  if (!sides.is_array() || sides.size() > kMaxRank) fail("a shape isn't a list of at most 16 sides");
  ov::PartialShape shape = std::vector<ov::Dimension>();
  for (const Json& side : sides) {  // products of an open side, such as -8, are open, too
    shape.push_back(ov::Dimension(std::max<std::int64_t>(-1, integer_of(side, -kMaxSide, kMaxSide, "a side"))));
  }
  return shape;
}

std::optional<TensorType> type_of(const Json& type) {
  const std::string& kind = text_member(type, "#");
  if (ends_with(kind, "t_vec")) return std::nullopt;
  if (!ends_with(kind, "t_dtensor")) fail("values of kind " + shown_word(kind) + " aren't known");
  const Json& parts = list_member(type, "D");
  if (parts.size() < 2) fail("a tensor has no shape");
  return TensorType{element_type_of(text_member(parts[0], "#")), shape_of(parts[1])};
}

ResultSlot result_of(const Json& object) {
  if (object.is_null() || (object.is_object() && object.empty())) return {};
  ResultSlot result{id_of(object), std::nullopt};
  if (result.id != 0) {
    const Json& type = member(object, "TT");
    if (!type.is_null()) result.type = type_of(type);
  }
  return result;
}

// JSON has no infinities: they are text, in a member "VD". A scalar is [type, value].
Number number_of(const Json& value) {
  if (value.is_boolean()) return {value.get<bool>() ? 1.0 : 0.0, value.get<bool>() ? 1 : 0};
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) fail("a number is above int64");
  if (value.is_number_integer()) return {value.get<double>(), value.get<std::int64_t>()};
  double real = 0;
  if (value.is_number_float()) {
    real = value.get<double>();
  } else if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    static const std::map<std::string_view, double> kWords = {{"INF", INFINITY}, {"-INF", -INFINITY}, {"NAN", NAN}};
    if (const auto word = kWords.find(text); word != kWords.end()) return {word->second, 0};
    fail("the number " + shown_word(text) + " isn't one");
  } else if (value.is_array() && !value.empty()) {
    return number_of(value.back());
  } else {
    fail("an attribute's number isn't one");
  }
  constexpr double kLimit = 9e18;
  return {real, real > -kLimit && real < kLimit ? static_cast<std::int64_t>(real) : 0};
}

Attribute attribute_of(const Json& typed) {
  const std::string& kind = text_member(typed, "#");
  const std::string_view name = std::string_view(kind).substr(kind.find('.') + 1);
  static const std::set<std::string_view> kScalars = {"a_bool", "a_i8",     "a_i16",  "a_i32",  "a_i64",
                                                      "a_ui8",  "a_u8",     "a_f16",  "a_bf16", "a_f32",
                                                      "a_f64",  "a_scalar", "a_index"};
  if (kScalars.count(name) > 0) return number_of(member(typed, typed.contains("VD") ? "VD" : "D"));
  if (name == "a_str" || name == "a_dtype" || name == "a_layout") return text_member(typed, "D");
  const bool plain_list = name == "a_intarray";
  if (!plain_list && name != "a_array") return std::monostate();
  Numbers numbers;
  for (const Json& item : list_member(typed, "D")) {
    const Attribute one = plain_list ? Attribute(number_of(item)) : attribute_of(item);
    if (!std::holds_alternative<Number>(one)) return std::monostate();  // lists of text and of lists: no operation's
    numbers.push_back(std::get<Number>(one));
  }
  return numbers;
}

// "1.conv2d" -> "conv2d": the number is that of a dialect. Two names mean something else in dialect 0.
std::string name_of(const Json& operation) {
  const std::string& full = text_member(operation, "#");
  if (full == "0.split" || full == "0.slice") return "builtin" + full.substr(1);
  return full.substr(full.find('.') + 1);
}

Operation operation_of(const Json& object) {
  Operation operation;
  operation.name = name_of(object);
  try {
    if (object.contains("A")) {
      for (const Json& attribute : list_member(object, "A")) {
        operation.attributes[text_member(attribute, "N")] = attribute_of(member(attribute, "AT"));
      }
    }
    if (object.contains("I")) {
      for (const Json& input : list_member(object, "I")) operation.inputs.push_back(id_of(input));
    }
    if (const Json& results = member(object, "O"); results.is_array()) {
      for (const Json& result : results) operation.results.push_back(result_of(result));
    } else {
      operation.results.push_back(result_of(results));
    }
  } catch (const Malformed& problem) {
    fail("operation " + shown_word(operation.name) + ": " + problem.what());
  }
  return operation;
}

constexpr const char* kWeight = "p";

Weight weight_of(const Json& object) {
  const Json& attributes = list_member(object, "A");
  if (attributes.size() < 4) fail("a parameter has no name");
  Weight weight;
  weight.name = text_of(attributes[3], "a parameter's name");
  const Json& results = member(object, "O");
  const ResultSlot result = result_of(results.is_array() && results.size() == 1 ? results[0] : results);
  if (result.id == 0 || !result.type || result.type->shape.is_dynamic()) {
    fail("parameter " + shown_word(weight.name) + " has no fixed shape");
  }
  weight.id = result.id;
  weight.type = *result.type;
  return weight;
}

Json parsed(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw ModelError(path + ": can't be read");
  const std::streamoff bytes = file.tellg();
  if (bytes > static_cast<std::streamoff>(kMaxFileBytes)) {
    throw ModelError(path + ": has " + std::to_string(bytes >> 20) + " MiB, a program has at most " +
                     std::to_string(kMaxFileBytes >> 20));
  }
  file.seekg(0);
  bool too_deep = false;
  Json program;
  try {
    program = Json::parse(file, [&](int depth, Json::parse_event_t, Json&) {
      too_deep = too_deep || depth > kMaxDepth;
      if (too_deep) fail("lists are nested more than " + std::to_string(kMaxDepth) + " deep");
      return true;
    });
  } catch (const Json::parse_error& error) {
    throw ModelError(path + ": not JSON, or cut off at byte " + std::to_string(error.byte) +
                     ": was it copied in full?");
  } catch (const Json::exception& error) {
    throw ModelError(path + ": not a program: " + error.what());
  }
  return program;
}

// Other exporters write .json, too.
void check_is_pir(const Json& file) {
  const Json* base = file.is_object() && file.contains("base_code") ? &file["base_code"] : nullptr;
  const bool is_pir = base != nullptr && base->is_object() && base->contains("magic") && (*base)["magic"] == "pir";
  if (!is_pir) {
    fail(
        "JSON, but not a program in Paddle's PIR format (base_code.magic isn't \"pir\"): give the inference.json that "
        "paddle.jit.save of Paddle 3 writes");
  }
  const Json& version = member(*base, "version");
  if (!version.is_number_integer() || version < 1 || version > kNewestVersion) {
    fail("PIR version " + shown_word(version.dump()) + " isn't known, versions 1 to " + std::to_string(kNewestVersion) +
         " are: set `engine paddle`");
  }
}

const Json& only_block(const Json& owner) {
  const Json& regions = list_member(owner, "regions");
  if (regions.size() != 1 || list_member(regions[0], "blocks").size() != 1) fail("the program has more than one block");
  const Json& block = regions[0]["blocks"][0];
  return list_member(block, "ops");
}

void check_operations(const std::string& path, const Json& operations,
                      const std::function<bool(const std::string&)>& is_known) {
  std::set<std::string> unknown;
  std::set<std::string> with_blocks;
  for (const Json& object : operations) {
    const std::string name = name_of(object);
    if (name != kWeight && !is_known(name)) unknown.insert(shown_word(name));
    if (object.contains("regions")) with_blocks.insert(shown_word(name));
  }
  if (unknown.empty()) unknown.swap(with_blocks);
  if (unknown.empty()) return;
  std::string names;
  for (const std::string& name : unknown) names += (names.empty() ? "" : ", ") + name;
  throw UnsupportedOperation(path + ": engine openvino can't read " +
                             counted(static_cast<std::int64_t>(unknown.size()), "operation") +
                             " of this PIR model: " + names + "; set `engine paddle`");
}

}  // namespace

Program read_program(const std::string& path, const std::function<bool(const std::string&)>& is_known) {
  try {
    const Json file = parsed(path);
    check_is_pir(file);
    const Json& operations = only_block(member(file, "program"));
    if (operations.size() > kMaxOperations) {
      fail("has " + std::to_string(operations.size()) + " operations, at most " + std::to_string(kMaxOperations) +
           " are read");
    }
    check_operations(path, operations, is_known);
    Program program;
    for (const Json& object : operations) {
      if (name_of(object) == kWeight) {
        program.weights.push_back(weight_of(object));
      } else {
        program.operations.push_back(operation_of(object));
      }
    }
    return program;
  } catch (const Malformed& problem) {
    throw ModelError(path + ": " + problem.what());
  } catch (const Json::exception& error) {
    throw ModelError(path + ": not a program that Paddle wrote: " + error.what());
  }
}

}  // namespace ppinfer::pir

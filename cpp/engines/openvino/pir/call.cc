#include "call.h"

#include <algorithm>
#include <openvino/op/concat.hpp>
#include <sstream>

#include "core/message_text.h"
#include "engine/engine.h"
#include "harmless_attributes.h"
#include "nodes.h"
#include "ppinfer/error.h"

namespace ppinfer::pir {
namespace {

std::string shown(const Number& number) {
  if (number.real == static_cast<double>(number.whole)) return std::to_string(number.whole);
  std::ostringstream text;
  text << number.real;
  return text.str();
}

std::string shown(const Attribute& attribute) {
  if (const auto* const text = std::get_if<std::string>(&attribute)) return " = " + ppinfer::quoted(*text);
  if (const auto* const number = std::get_if<Number>(&attribute)) return " = " + shown(*number);
  if (const auto* const numbers = std::get_if<Numbers>(&attribute)) {
    constexpr std::size_t kMostShown = 8;
    std::string list;
    for (std::size_t i = 0; i < std::min(numbers->size(), kMostShown); ++i) {
      list += (i == 0 ? "" : ", ") + shown((*numbers)[i]);
    }
    return " = [" + list + (numbers->size() > kMostShown ? ", ..." : "") + "]";
  }
  return "";
}

// The type's name as in a `dtype` attribute, such as float32.
std::string paddles_name(const ov::element::Type& type) {
  if (type == ov::element::boolean) return "bool";
  if (type == ov::element::bf16) return "bfloat16";
  return (type.is_real() ? "float" : type.is_signed() ? "int" : "uint") + std::to_string(type.bitwidth());
}

}  // namespace

void Call::fail(const std::string& what) const {
  throw ModelError("operation " + shown_word(operation_.name) +
                   (operation_.results.empty() ? "" : " (%" + std::to_string(operation_.results[0].id) + ")") + ": " +
                   what);
}

void Call::unsupported(const std::string& what) const {
  throw UnsupportedOperation("operation " + shown_word(operation_.name) + ": engine openvino can't read it with " +
                             what + "; set `engine paddle`");
}

bool Call::has(std::size_t input) const { return input < operation_.inputs.size() && operation_.inputs[input] != 0; }

const Value& Call::value(std::size_t input) const {
  if (!has(input)) fail("input " + std::to_string(input) + " is missing");
  const auto found = values_.find(operation_.inputs[input]);
  if (found == values_.end()) fail("input %" + std::to_string(operation_.inputs[input]) + " isn't computed before");
  return found->second;
}

Tensor Call::in(std::size_t input) const {
  const auto* const tensor = std::get_if<Tensor>(&value(input));
  if (tensor == nullptr) fail("input " + std::to_string(input) + ": expected a tensor, got a list");
  return *tensor;
}

Tensors Call::list(std::size_t input) const {
  const Value& given = value(input);
  const auto* const tensors = std::get_if<Tensors>(&given);
  if (tensors != nullptr && tensors->empty())
    fail("input " + std::to_string(input) + ": expected tensors, got an empty list");
  return tensors != nullptr ? *tensors : Tensors{std::get<Tensor>(given)};
}

Tensors Call::inputs() const {
  Tensors all;
  for (std::size_t input = 0; input < operation_.inputs.size(); ++input) all.push_back(in(input));
  return all;
}

Tensor Call::integers_in(std::size_t input) const {
  Tensors parts;
  for (const Tensor& part : list(input)) parts.push_back(reshaped(cast(part, ov::element::i64), {-1}));
  return parts.size() == 1 ? parts[0] : make<ov::op::v0::Concat>(parts, 0);
}

Integers Call::constant(std::size_t input) const {
  const auto held = constant_behind(integers_in(input));
  if (!held) unsupported("an input " + std::to_string(input) + " that depends on the images");
  return held->cast_vector<std::int64_t>();
}

std::vector<double> Call::constant_reals(std::size_t input) const {
  std::vector<double> all;
  for (const Tensor& part : list(input)) {
    const auto held = constant_behind(part);
    if (!held) unsupported("an input " + std::to_string(input) + " that depends on the images");
    for (const double one : held->cast_vector<double>()) all.push_back(one);
  }
  return all;
}

const Attribute* Call::attribute(const char* key) const {
  read_.insert(key);
  const auto found = operation_.attributes.find(key);
  return found == operation_.attributes.end() ? nullptr : &found->second;
}

bool Call::has_attribute(const char* key) const { return operation_.attributes.count(key) > 0; }

Numbers Call::numbers(const char* key) const {
  const Attribute* const given = attribute(key);
  if (given != nullptr && std::holds_alternative<Numbers>(*given)) return std::get<Numbers>(*given);
  if (given != nullptr && std::holds_alternative<Number>(*given)) return {std::get<Number>(*given)};
  fail(std::string("attribute ") + key + (given == nullptr ? " is missing" : " isn't a list of numbers"));
}

Integers Call::integers(const char* key) const {
  Integers all;
  for (const Number& number : numbers(key)) all.push_back(number.whole);
  return all;
}

double Call::real(const char* key) const {
  const Numbers given = numbers(key);
  if (given.size() != 1) fail(std::string("attribute ") + key + " isn't one number");
  return given[0].real;
}

std::int64_t Call::integer(const char* key) const {
  const Integers given = integers(key);
  if (given.size() != 1) fail(std::string("attribute ") + key + " isn't one number");
  return given[0];
}

bool Call::flag(const char* key) const { return integer(key) != 0; }
bool Call::flag_or(const char* key, bool otherwise) const { return has_attribute(key) ? flag(key) : otherwise; }
double Call::real_or(const char* key, double otherwise) const { return has_attribute(key) ? real(key) : otherwise; }

std::string Call::text_or(const char* key, const char* otherwise) const {
  const Attribute* const given = attribute(key);
  if (given == nullptr) return otherwise;
  if (!std::holds_alternative<std::string>(*given)) fail(std::string("attribute ") + key + " isn't text");
  return std::get<std::string>(*given);
}

std::string Call::word(const char* key, std::initializer_list<const char*> known) const {
  std::string given = text_or(key, *known.begin());
  if (std::find(known.begin(), known.end(), given) == known.end())
    unsupported(std::string(key) + " " + ppinfer::quoted(given));
  return given;
}

void Call::ignore(std::initializer_list<const char*> keys) const { read_.insert(keys.begin(), keys.end()); }

// A translation takes the result's type from the program, Paddle's kernel from `dtype`: the two must agree.
bool Call::is_the_result_type(const Attribute& dtype) const {
  const auto* const text = std::get_if<std::string>(&dtype);
  if (text == nullptr) return false;
  return text->rfind("Undefined", 0) == 0 || *text == paddles_name(result_type());
}

void Call::check_all_read() const {
  std::string unread;
  for (const auto& [key, value] : operation_.attributes) {
    if (read_.count(key) > 0 || is_harmless(operation_.name, key)) continue;
    if (key == "dtype" && is_the_result_type(value)) continue;
    unread += (unread.empty() ? "attribute " : ", attribute ") + shown_word(key) + shown(value);
  }
  if (!unread.empty()) unsupported(unread);
}

const TensorType& Call::type_of_result(std::size_t result) const {
  if (result >= operation_.results.size() || !operation_.results[result].type) {
    fail("result " + std::to_string(result) + " isn't a tensor");
  }
  return *operation_.results[result].type;
}

ov::element::Type Call::result_type(std::size_t result) const { return type_of_result(result).type; }
const ov::PartialShape& Call::result_shape(std::size_t result) const { return type_of_result(result).shape; }

}  // namespace ppinfer::pir

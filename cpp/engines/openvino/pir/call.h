// One operation of the program with its inputs resolved, as the translations see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <openvino/core/node.hpp>
#include <openvino/core/node_vector.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "program.h"

namespace ppinfer::pir {

using Tensor = ov::Output<ov::Node>;
using Tensors = ov::OutputVector;
using Value = std::variant<Tensor, Tensors>;
using Integers = std::vector<std::int64_t>;

// Note [Every attribute is accounted for]
// Ignoring an attribute that changes Paddle's result would give other scores without an error. So a call records which
// attributes are read. check_all_read() refuses every other one that neither ignore() nor is_harmless() names.

// Every getter throws ModelError where the operation hasn't such an input or attribute, or it is of another kind.
class Call {
 public:
  Call(const Operation& operation, const std::unordered_map<ValueId, Value>& values)
      : operation_(operation), values_(values) {}

  const std::string& name() const { return operation_.name; }

  bool has(std::size_t input) const;  // whether it is given
  Tensor in(std::size_t input) const;
  Tensor x() const { return in(0); }
  Tensors list(std::size_t input) const;
  Tensors inputs() const;                       // all of them, each a tensor
  Tensor integers_in(std::size_t input) const;  // [n] int64, of a tensor or of a list of single numbers
  Integers constant(std::size_t input) const;   // such an input whose values don't depend on the images
  std::vector<double> constant_reals(std::size_t input) const;

  bool has_attribute(const char* key) const;
  bool flag(const char* key) const;
  bool flag_or(const char* key, bool otherwise) const;
  std::int64_t integer(const char* key) const;
  double real(const char* key) const;
  double real_or(const char* key, double otherwise) const;
  std::string text_or(const char* key, const char* otherwise) const;
  // The attribute's text, or the first word of `known` if it is missing. Throws UnsupportedOperation if the text is not
  // in `known`.
  std::string word(const char* key, std::initializer_list<const char*> known) const;
  Integers integers(const char* key) const;
  Numbers numbers(const char* key) const;

  void ignore(std::initializer_list<const char*> keys) const;  // marks keys without effect as read
  // Throws UnsupportedOperation that names the unread attributes. Note [Every attribute is accounted for].
  void check_all_read() const;

  ov::element::Type result_type(std::size_t result = 0) const;  // as Paddle inferred
  const ov::PartialShape& result_shape(std::size_t result = 0) const;

  [[noreturn]] void fail(const std::string& what) const;         // ModelError: damaged
  [[noreturn]] void unsupported(const std::string& what) const;  // UnsupportedOperation: not translated

 private:
  const Attribute* attribute(const char* key) const;  // null if missing; marks the key as read
  bool is_the_result_type(const Attribute& dtype) const;
  const Value& value(std::size_t input) const;
  const TensorType& type_of_result(std::size_t result) const;

  const Operation& operation_;
  const std::unordered_map<ValueId, Value>& values_;
  mutable std::set<std::string> read_;
};

using Translation = std::function<std::vector<Value>(const Call&)>;
using Translations = std::unordered_map<std::string, Translation>;

}  // namespace ppinfer::pir

// The program of a Paddle 3 model, `inference.json`, as types. Only this file's source uses JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <openvino/core/partial_shape.hpp>
#include <openvino/core/type/element_type.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ppinfer::pir {

struct Number {
  double real = 0;
  std::int64_t whole = 0;  // of integers and booleans, where `real` may be rounded
};
using Numbers = std::vector<Number>;
using Attribute =
    std::variant<std::monostate, Number, std::string, Numbers>;  // monostate: a kind that isn't known here

// What Paddle inferred of a tensor when it exported the model; open sides are dynamic.
struct TensorType {
  ov::element::Type type;
  ov::PartialShape shape;
};

using ValueId = std::int64_t;  // "%7" in the file; 0: absent

struct ResultSlot {
  ValueId id = 0;
  std::optional<TensorType> type;  // none: a list of tensors
};

struct Operation {
  std::string name;  // "conv2d"
  std::map<std::string, Attribute> attributes;
  std::vector<ValueId> inputs;
  std::vector<ResultSlot> results;
};

struct Weight {
  std::string name;  // "conv2d_0.w_0"
  ValueId id = 0;
  TensorType type;
};

struct Program {
  std::vector<Weight> weights;
  std::vector<Operation> operations;  // in the order in which they run
};

// Reads the file. `is_known` says of an operation's name whether there is a translation.
// Throws ModelError: no such program, another version, damaged; UnsupportedOperation: operations that aren't known (all
// are named) or that hold blocks of their own.
Program read_program(const std::string& path, const std::function<bool(const std::string&)>& is_known);

}  // namespace ppinfer::pir

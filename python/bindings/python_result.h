// A Result as Python has it.
#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <utility>

#include "ppinfer/result.h"

namespace ppinfer {

enum class ResultTuple { kClassIds, kScores, kLabelNames, kAttributes, kAttributeFlags, kEmbedding, kCount };

// Keeps the tuples that its fields were converted to. Used under the GIL.
class PythonResult : public Result {
 public:
  explicit PythonResult(Result result) : Result(std::move(result)) {}

  template <class Convert>
  pybind11::tuple kept(ResultTuple which, const Convert& convert) const {
    pybind11::object& tuple = tuples_[static_cast<std::size_t>(which)];
    if (!tuple) tuple = convert();
    return pybind11::reinterpret_borrow<pybind11::tuple>(tuple);
  }

 private:
  mutable std::array<pybind11::object, static_cast<std::size_t>(ResultTuple::kCount)> tuples_;
};

}  // namespace ppinfer

namespace pybind11::detail {

// From C++ to Python; functions that take one take a PythonResult.
template <>
struct type_caster<ppinfer::Result> {
  static constexpr auto name = const_name("ppinfer._core.Result");
  static handle cast(ppinfer::Result result, return_value_policy, handle) {
    return pybind11::cast(new ppinfer::PythonResult(std::move(result)), return_value_policy::take_ownership).release();
  }
};

}  // namespace pybind11::detail

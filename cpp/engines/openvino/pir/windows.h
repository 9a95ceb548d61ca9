// What operations with a moving window share: strides, dilations, paddings, the place of the channels.
#pragma once

#include <functional>
#include <openvino/op/util/attr_types.hpp>

#include "nodes.h"

namespace ppinfer::pir {

struct Padding {
  Integers begin;
  Integers end;
  ov::op::PadType kind = ov::op::PadType::EXPLICIT;

  bool is_none() const;
};

// The padding that the operation's attributes give, for a window with this number of sides.
Padding padding_of(const Call& call, std::size_t sides);

// An attribute with a positive number a side of the window.
Integers positive_sides(const Call& call, const char* key, std::size_t sides);
void check_positive(const Call& call, const Integers& values, std::size_t sides, const char* what);

// How many sides the window of x has: those beside the batch and the channels. At least 1.
std::size_t window_sides(const Call& call, const Tensor& x);

// Whether data_format has the channels in the last place rather than the second.
bool channels_last(const Call& call);

// Runs on x with the channels in second place, whatever data_format says.
Tensor channels_second(const Call& call, const std::function<Tensor(const Tensor&)>& run);

}  // namespace ppinfer::pir

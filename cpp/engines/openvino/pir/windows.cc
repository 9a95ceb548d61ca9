#include "windows.h"

#include <algorithm>
#include <string>

#include "core/message_text.h"

namespace ppinfer::pir {
namespace {

constexpr std::int64_t kMaxWindow = 1 << 16;  // of any length, stride, dilation or padding

}  // namespace

bool Padding::is_none() const {
  const auto is_zero = [](std::int64_t side) { return side == 0; };
  return kind == ov::op::PadType::EXPLICIT && std::all_of(begin.begin(), begin.end(), is_zero) &&
         std::all_of(end.begin(), end.end(), is_zero);
}

Padding padding_of(const Call& call, std::size_t sides) {
  Padding padding{Integers(sides, 0), Integers(sides, 0)};
  const std::string algorithm = call.word("padding_algorithm", {"EXPLICIT", "SAME", "VALID"});
  if (algorithm != "EXPLICIT") {
    call.ignore({"paddings"});
    if (algorithm == "SAME") padding.kind = ov::op::PadType::SAME_UPPER;
    return padding;
  }
  const Integers given = call.integers("paddings");
  if (given.size() != sides && given.size() != 2 * sides) {
    call.fail("expected " + std::to_string(sides) + " or " + std::to_string(2 * sides) + " paddings, got " +
              std::to_string(given.size()));
  }
  for (const std::int64_t one : given) {
    if (one < 0 || one > kMaxWindow) call.fail("padding " + std::to_string(one) + " is out of range");
  }
  const bool is_even = given.size() == sides;
  for (std::size_t side = 0; side < sides; ++side) {
    padding.begin[side] = given[is_even ? side : 2 * side];
    padding.end[side] = given[is_even ? side : 2 * side + 1];
  }
  return padding;
}

void check_positive(const Call& call, const Integers& values, std::size_t sides, const char* what) {
  const bool all_fit =
      std::all_of(values.begin(), values.end(), [](std::int64_t value) { return value > 0 && value <= kMaxWindow; });
  if (values.size() == sides && all_fit) return;
  call.fail(std::string(what) + ": expected a number from 1 to " + std::to_string(kMaxWindow) + " for each of " +
            counted(static_cast<std::int64_t>(sides), "side"));
}

Integers positive_sides(const Call& call, const char* key, std::size_t sides) {
  Integers values = call.integers(key);
  check_positive(call, values, sides, key);
  return values;
}

std::size_t window_sides(const Call& call, const Tensor& x) {
  const std::int64_t rank = rank_of(call, x);
  if (rank < 3) fail_for_rank(call, "at least a 3-D tensor", rank);
  return static_cast<std::size_t>(rank - 2);
}

bool channels_last(const Call& call) {
  return call.word("data_format", {"NCHW", "NHWC", "NCDHW", "NDHWC", "NCL", "NLC", "NCW", "NWC"}).back() == 'C';
}

Tensor channels_second(const Call& call, const std::function<Tensor(const Tensor&)>& run) {
  if (!channels_last(call)) return run(call.x());
  const std::int64_t rank = rank_of(call, call.x());
  if (rank < 3) fail_for_rank(call, "at least a 3-D tensor", rank);
  Integers to_second = {0, rank - 1};
  Integers to_last = {0};
  for (std::int64_t side = 1; side < rank - 1; ++side) to_second.push_back(side);
  for (std::int64_t side = 2; side < rank; ++side) to_last.push_back(side);
  to_last.push_back(1);
  return transposed(run(transposed(call.x(), to_second)), to_last);
}

}  // namespace ppinfer::pir

#include "harmless_attributes.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace ppinfer::pir {
namespace {

// Names for people, marks for training, and the device.
constexpr std::string_view kOfEveryOperation[] = {"struct_name", "op_callstack", "stop_gradient",
                                                  "persistable", "place",        "dst_place_type"};

struct Harmless {
  std::string_view operation;
  std::string_view attribute;  // "": all
};

constexpr Harmless kHarmless[] = {
    // Repeats the shape in the result's type.
    {"data", "shape"},
    // Index of the model's input; a model has one.
    {"feed", "col"},
    // The number of results, which Paddle checked at export.
    {"unstack", "num"},
    // Which sides were known at export.
    {"slice", "infer_flags"},
    // Used in training only: the moving average, the random values, the gradient.
    {"batch_norm", "momentum"},
    {"dropout", "seed"},
    {"dropout", "fix_seed"},
    {"embedding", "sparse"},
    {"p_norm", "epsilon"},
    // Read by linear interpolation only.
    {"nearest_interp", "align_mode"},
    {"bicubic_interp", "align_mode"},
    // What is printed, and how.
    {"print", ""},
};

}  // namespace

bool is_harmless(const std::string& operation, const std::string& attribute) {
  if (std::find(std::begin(kOfEveryOperation), std::end(kOfEveryOperation), attribute) != std::end(kOfEveryOperation)) {
    return true;
  }
  std::string_view name = operation;
  if (!name.empty() && name.back() == '_') name.remove_suffix(1);
  return std::any_of(std::begin(kHarmless), std::end(kHarmless), [&](const Harmless& one) {
    return one.operation == name && (one.attribute.empty() || one.attribute == attribute);
  });
}

}  // namespace ppinfer::pir

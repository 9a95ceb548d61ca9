#include "model/classifier_shape.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {

std::string to_string(const Dims& dims) {
  std::string text = "[";
  for (const std::int64_t side : dims) {
    text += (text.size() > 1 ? ", " : "") + (side < 0 ? "?" : std::to_string(side));
  }
  return text + "]";
}

namespace {

constexpr std::int64_t kMaxTensorValues = 100'000'000;  // an image

std::string shown(const NamedShape& tensor) {
  return shown_word(tensor.name) + " " + to_string(tensor.dims) + (tensor.type == "f32" ? "" : " " + tensor.type);
}

bool may_be_scores(const NamedShape& tensor) {
  return tensor.type[0] != 'i' && tensor.type[0] != 'u' && tensor.type != "boolean" && tensor.type != "string" &&
         tensor.dims.size() >= 2 && tensor.dims.size() <= 4;
}

std::string names_of(const std::vector<NamedShape>& tensors) {
  std::string names;
  for (const NamedShape& tensor : tensors) {
    names += (names.empty() ? "" : ", ") + shown(tensor);
  }
  return names.empty() ? "none" : names;
}

std::string width_by_height(const Size& px) { return std::to_string(px.width) + "x" + std::to_string(px.height); }

// A side that the model leaves open fits anything.
bool fits(std::int64_t model_side, int side) { return model_side < 0 || model_side == side; }

bool is_channel_count(std::int64_t side) { return side == 1 || side == 3 || side == 4; }

bool has_channels_last(const Dims& dims) {
  return dims.size() == 4 && is_channel_count(dims[3]) && !is_channel_count(dims[1]);
}

// Of output_tensor, with sides of any number.
int values_an_image(const EngineOptions& options, const Dims& dims, int count) {
  std::int64_t values = 1;
  bool per_image = !dims.empty() && dims[0] == count;
  for (std::size_t i = 1; per_image && i < dims.size(); ++i) {
    per_image = dims[i] > 0 && !__builtin_mul_overflow(values, dims[i], &values) && values <= kMaxTensorValues;
  }
  if (per_image) return static_cast<int>(values);
  throw ModelError(options.model_path + ": output_tensor " + options.output_tensor + " is " + to_string(dims) +
                   " for a batch of " + std::to_string(count) + ", but must be [" + std::to_string(count) +
                   ", ...]: one row for each image");
}

}  // namespace

void check_inputs(const EngineOptions& options, const std::vector<NamedShape>& inputs) {
  if (inputs.size() != 1) {
    throw ModelError(options.model_path + ": an image classifier has one input, this model has " +
                     std::to_string(inputs.size()) + ": " + names_of(inputs));
  }
  const Dims& dims = inputs[0].dims;
  if (has_channels_last(dims)) {
    throw ModelError(options.model_path + ": the input " + names_of(inputs) +
                     " is channels-last (NHWC), preprocessing yields channels-first: [N, " +
                     std::to_string(options.channels) +
                     ", height, width]. Export the model with channels first (NCHW)");
  }
  if (dims.size() == 4 && dims[1] == 1) {
    throw ModelError(options.model_path + ": the input " + names_of(inputs) +
                     " has one channel, preprocessing yields " + std::to_string(options.channels) +
                     ": models of gray images aren't supported");
  }
  if (dims.size() != 4 || !fits(dims[1], options.channels)) {
    throw ModelError(options.model_path + ": the input must be [N, " + std::to_string(options.channels) +
                     ", height, width], but " + names_of(inputs) + " is what the model has" +
                     (dims.size() == 4 && (fits(dims[1], 3) || fits(dims[1], 4)) ? "; see channel_num" : ""));
  }
  if (!fits(dims[2], options.input_px.height) || !fits(dims[3], options.input_px.width)) {
    const auto side = [](std::int64_t fixed, int given) { return fixed < 0 ? given : static_cast<int>(fixed); };
    const Size fixed{side(dims[3], options.input_px.width), side(dims[2], options.input_px.height)};
    const std::string crop = fixed.width == fixed.height
                                 ? std::to_string(fixed.width)
                                 : std::to_string(fixed.width) + "," + std::to_string(fixed.height);
    const std::string short_side = std::to_string(std::max(fixed.width, fixed.height) * 256 / 224);
    throw ModelError(options.model_path + ": the input " + names_of(inputs) + " has fixed sides, " +
                     width_by_height(fixed) + " (width x height), but preprocessing yields " +
                     width_by_height(options.input_px) + ". Set crop_size " + crop + " and resize_short_size " +
                     short_side + " (or leave both out), or resize_width " + std::to_string(fixed.width) +
                     " and resize_height " + std::to_string(fixed.height) + " where nothing is cropped");
  }
}

void check_outputs(const EngineOptions& options, const std::vector<NamedShape>& outputs) {
  if (outputs.size() != 1) {
    const std::string possible = possible_scores(outputs);
    throw ModelError(options.model_path + ": an image classifier has one output, this model has " +
                     std::to_string(outputs.size()) + ": " + names_of(outputs) + ". " +
                     (possible.empty() ? "Export the model with only the scores as output"
                                       : "Choose one with output_tensor: " + possible));
  }
}

std::string possible_scores(const std::vector<NamedShape>& tensors) {
  constexpr std::size_t kShown = 4;  // scores lie near the end
  std::vector<NamedShape> possible;
  std::copy_if(tensors.begin(), tensors.end(), std::back_inserter(possible), may_be_scores);
  if (possible.size() > kShown) possible.erase(possible.begin(), possible.end() - kShown);
  return possible.empty() ? "" : names_of(possible);
}

int class_count_of(const EngineOptions& options, const Dims& dims, int count, const Dims& declared,
                   const std::string& name) {
  if (!options.output_tensor.empty()) return values_an_image(options, dims, count);
  // Squeezed: one score an image. Of several images only if their number is open, else it may as well be the classes'.
  const bool is_open = declared.size() == 1 && declared[0] < 0;
  if (dims.size() == 1 && dims[0] == count && (count == 1 || is_open)) return 1;
  const bool trailing_ones =
      dims.size() >= 2 && std::all_of(dims.begin() + 2, dims.end(), [](std::int64_t side) { return side == 1; });
  if (!trailing_ones || dims[0] != count || dims[1] < 1 || dims[1] > std::numeric_limits<int>::max()) {
    throw ModelError(options.model_path + ": " + std::to_string(count) +
                     (count == 1 ? " image gives" : " images give") + " an output " + shown_word(name) + " " +
                     to_string(dims) + ", but a classifier's is [" + std::to_string(count) + ", classes]" +
                     (dims.size() > 2 && dims[0] == count
                          ? "; output_tensor=" + shown_word(name) + " uses all its values as scores"
                          : ""));
  }
  if (declared.size() >= 2 && declared[1] >= 0 && declared[1] != dims[1]) {
    throw ModelError(options.model_path + ": the model says that its output is " + to_string(declared) +
                     ", but running it gives " + to_string(dims) + ": " + options.params_path +
                     " seems to belong to another model");
  }
  return static_cast<int>(dims[1]);
}

}  // namespace ppinfer

// An image file's bytes, the whole way to a tensor.
#include <cstring>
#include <optional>
#include <vector>

#include "core/image_failure.h"
#include "decode/decoder.h"
#include "executor/slot_filler.h"
#include "fuzz_target.h"
#include "preprocess/needed_region.h"

namespace ppinfer {
namespace {

constexpr std::int64_t kMaxPixels = 1 << 16;
constexpr Size kOutput{12, 10};

PreprocessPlan plan_of(std::vector<PixelOp> ops) {
  PreprocessPlan plan;
  plan.pixel_ops = std::move(ops);
  plan.output_px = kOutput;
  return plan;
}

const std::vector<PreprocessPlan>& plans() {
  static const std::vector<PreprocessPlan> all = {
      plan_of({ResizeShort{16, Interpolation::kBilinear, ResizeBackend::kCv2}, CenterCrop{kOutput}}),
      plan_of({ResizeShort{14, Interpolation::kBicubic, ResizeBackend::kPil}, CenterCrop{kOutput}}),
      plan_of({CenterSquare{0.8}, ResizeTo{kOutput, Interpolation::kArea, ResizeBackend::kCv2}}),
      plan_of({CenterCrop{kOutput}})};
  return all;
}

struct Outcome {
  std::optional<ImageError> error;
  std::vector<float> tensor;
};

Outcome outcome_of(Bytes bytes, const PreprocessPlan& plan, const DecodeOptions& options) {
  ImageInput input;
  input.content = EncodedImage{bytes};
  Outcome outcome;
  outcome.tensor.resize(std::size_t{3} * kOutput.width * kOutput.height);
  StageClock times;
  outcome.error = SlotFiller(options, plan).fill(input, outcome.tensor.data(), times);
  if (!outcome.error) return outcome;
  require_line(outcome.error->message, "a bad image has a reason of one line");
  require(outcome.error->stage == Stage::kDecode || outcome.error->stage == Stage::kPreprocess,
          "bytes fail in decoding or preprocessing", to_string(outcome.error->stage));
  return outcome;
}

void check_pixels(Bytes bytes, const DecodeOptions& options) {
  RgbImage image;
  try {
    Decoder(options).decode({bytes}, image);
  } catch (const ImageFailure&) {
    return;  // outcome_of() looks at the reasons
  }
  const Size size_px = image.size_px;
  require(size_px.width > 0 && size_px.height > 0, "an image has pixels");
  const std::int64_t pixels = std::int64_t{size_px.width} * size_px.height;
  require(pixels <= kMaxPixels, "an image has at most max_pixels");
  require(image.pixels.size() == 3 * static_cast<std::size_t>(pixels), "the pixels are those of the image's size");
}

}  // namespace
}  // namespace ppinfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const Bytes bytes{data, count};
  const ImageKind kind = sniff(bytes);
  if (kind == ImageKind::kHeic || kind == ImageKind::kJpegXl) return 0;  // the system's libraries, not ours to search
  const PreprocessPlan& plan = plans()[count % plans().size()];
  DecodeOptions options;
  options.max_pixels = kMaxPixels;
  check_pixels(bytes, options);
  const Outcome whole = outcome_of(bytes, plan, options);
  options.needed_region = [&plan](Size image_px) { return needed_region(plan, image_px); };
  const Outcome part = outcome_of(bytes, plan, options);
  require(whole.error == part.error, "a part of an image fails as the whole does",
          part.error ? part.error->message : "");
  const bool is_same = std::memcmp(whole.tensor.data(), part.tensor.data(), whole.tensor.size() * sizeof(float)) == 0;
  require(whole.error || is_same, "a part of an image has the pixels of the whole");
  if (kind != ImageKind::kJpeg) return 0;
  options.smallest_size = [&plan](Size image_px) { return smallest_source(plan, image_px); };
  outcome_of(bytes, plan, options);
  return 0;
}

#include "config/checks.h"

#include <algorithm>
#include <initializer_list>

namespace ppinfer {
namespace {

class Checker {
 public:
  Checker(const ConfigDraft& draft, std::vector<std::string>& problems)
      : draft_(draft), settings_(draft.settings), problems_(problems) {}

  void check_gpu() {
    require({"use_fp16", "use_tensorrt"}, !settings_.use_fp16 || settings_.use_tensorrt,
            "use_fp16 1 needs use_tensorrt 1");
    require({"use_tensorrt", "use_gpu"}, !settings_.use_tensorrt || settings_.use_gpu,
            "use_tensorrt 1 needs use_gpu 1");
    require({"use_gpu"}, !settings_.use_gpu, "use_gpu 1: this build of ppinfer runs on the CPU; set use_gpu 0");
  }

  void check_sizes() {
    const Size exact{settings_.resize_width, settings_.resize_height};
    const int short_side = settings_.resize_short_size;
    require({"resize_width", "resize_height"}, exact.width == 0 || exact.height != 0,
            "resize_width " + std::to_string(exact.width) + " needs resize_height");
    require({"resize_height", "resize_width"}, exact.height == 0 || exact.width != 0,
            "resize_height " + std::to_string(exact.height) + " needs resize_width");
    require({"resize_short_size", "resize_width", "resize_height"}, short_side != 0 || exact != Size{},
            "resize_short_size 0 leaves no size: set resize_short_size, or resize_width and resize_height");
    check_interpolation();
    if (short_side != 0) check_crop({"crop_size", "resize_short_size"}, {short_side, short_side});
    if (exact.width != 0 && exact.height != 0) check_crop({"crop_size", "resize_width", "resize_height"}, exact);
  }

 private:
  using Keys = std::initializer_list<std::string_view>;

  void check_interpolation() {
    const Interpolation interpolation = settings_.interpolation;
    const std::string text = "interpolation " + ValueText<Interpolation>::print(interpolation);
    const bool pil = settings_.resize_backend == ResizeBackend::kPil;
    const bool only_pil = interpolation == Interpolation::kBox || interpolation == Interpolation::kHamming;
    require({"interpolation", "resize_backend"}, !pil || interpolation != Interpolation::kArea,
            text + " is not one of resize_backend pil: take box, or resize_backend cv2");
    require({"interpolation", "resize_backend"}, pil || !only_pil,
            text + " is not one of resize_backend cv2: take area, or resize_backend pil");
  }

  void check_crop(Keys keys, const Size& resized) {
    const Size crop = settings_.crop_size;
    const bool is_models = draft_.origin("crop_size").rank == LayerRank::kModelFile;
    const std::string crop_text =
        "crop_size " + ValueText<Size>::print(crop) + (is_models ? " (the model's own sides)" : "");
    const bool by_short_side = settings_.resize_short_size != 0;
    if (crop == Size{}) {
      return require(keys, !by_short_side || settings_.crop_ratio > 0,  // what crop_ratio leaves is square
                     crop_text +
                         " with resize_short_size leaves images of different sizes: set crop_size, or "
                         "resize_width and resize_height");
    }
    if (by_short_side) {
      require(keys, std::max(crop.width, crop.height) <= resized.width,
              crop_text + " is larger than resize_short_size " + std::to_string(resized.width) +
                  (is_models ? ": leave resize_short_size out, or make it larger"
                             : ": make it smaller, or resize_short_size larger"));
    } else {
      require(keys, crop.width <= resized.width && crop.height <= resized.height,
              crop_text + " is larger than resize_width,resize_height " + std::to_string(resized.width) + "," +
                  std::to_string(resized.height) + ": make it smaller, or the resized image larger");
    }
  }

  // The message stands at whichever of the keys was set last.
  void require(Keys keys, bool holds, const std::string& otherwise) {
    if (!holds && draft_.sound(keys)) problems_.push_back(draft_.place_of_last(keys) + otherwise);
  }

  const ConfigDraft& draft_;
  const Settings& settings_;
  std::vector<std::string>& problems_;
};

}  // namespace

void check_settings(const ConfigDraft& draft, std::vector<std::string>& problems) {
  Checker checker(draft, problems);
  checker.check_gpu();
  checker.check_sizes();
}

}  // namespace ppinfer

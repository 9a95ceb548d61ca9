#include <algorithm>
#include <utility>

#include "core/image_failure.h"
#include "postprocess/ops.h"
#include "postprocess/saved_copy.h"

namespace ppinfer {
namespace {

class SavingPostprocessor : public Postprocessor {
 public:
  SavingPostprocessor(PostprocessorPtr inner, std::string folder)
      : inner_(std::move(inner)), folder_(std::move(folder)) {}

  bool copies_images() const override { return true; }

 protected:
  void fill(Span<const float> scores, Result& result) const override { inner_->process(scores, result); }

  void copy_image(Span<const float> scores, const Result& result, const EncodedImage* image) const override {
    if (result.path.empty()) {
      throw ImageFailure(Stage::kPostprocess,
                         "save_dir is set, but this image has no path to copy it from: leave "
                         "save_dir out, or give the image as a file");
    }
    // The model's best class, whatever the op made of it: PaddleClas' way.
    const auto best = scores.size() == 1 ? result.class_ids.at(0)  // of two
                                         : std::max_element(scores.begin(), scores.end()) - scores.begin();
    const std::string folder = folder_ + "/" + std::to_string(best);
    if (image != nullptr) {
      copy_into_folder(*image, result.path, folder);
    } else {
      copy_into_folder(result.path, folder);
    }
  }

 private:
  const PostprocessorPtr inner_;
  const std::string folder_;
};

}  // namespace

PostprocessorPtr make_saving_postprocessor(PostprocessorPtr inner, std::string folder) {
  return std::make_unique<SavingPostprocessor>(std::move(inner), std::move(folder));
}

}  // namespace ppinfer

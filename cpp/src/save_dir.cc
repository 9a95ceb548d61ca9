#include "save_dir.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/image_failure.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

class BestClassPostprocessor : public Postprocessor {
 public:
  explicit BestClassPostprocessor(std::unique_ptr<Postprocessor> inner) : inner_(std::move(inner)) {}

 protected:
  void fill(Span<const float> scores, Result& result) const override {
    inner_->process(scores, result);
    if (!ImageCopier::can_take(result.path)) {
      throw ImageFailure(Stage::kPostprocess, std::string("save_dir is set, but this image has no ") +
                                                  (result.path.empty() ? "path" : "file") +
                                                  " to copy: leave save_dir out, or give the image as a file");
    }
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    result.best_class_id = scores.size() == 1 ? result.class_ids.at(0) : static_cast<int>(best);
  }

 private:
  const std::unique_ptr<Postprocessor> inner_;
};

}  // namespace

std::unique_ptr<Postprocessor> with_best_class(std::unique_ptr<Postprocessor> inner, const Settings& settings) {
  if (settings.save_dir.empty()) return inner;
  return std::make_unique<BestClassPostprocessor>(std::move(inner));
}

SavedImages::SavedImages(const Settings& settings) : folder_(settings.save_dir), next_(nullptr) {}

SavedImages::SavedImages(const Settings& settings, ResultSink& next) : folder_(settings.save_dir), next_(&next) {}

void SavedImages::copy(const Result& result) {
  if (result.best_class_id < 0 || folder_.empty()) return;
  const std::string folder = folder_ + "/" + std::to_string(result.best_class_id);
  if (copier_.copy(result.path, folder)) return;
  throw ImageFailure(Stage::kPostprocess, "cannot put " + result.path + " into " + folder + ": the image is gone");
}

void SavedImages::write(const Result& result) {
  try {
    copy(result);
  } catch (const ImageFailure& failure) {
    Result failed;
    failed.path = result.path;
    failed.error = ImageError(failure.stage(), failure.what());
    return next_->write(failed);
  }
  next_->write(result);
}

}  // namespace ppinfer

// The config key save_dir: a copy of each image in save_dir/<id of its best class>/, as PaddleClas' SavePreLabel has
// it.
//
// What differs from --sort-into, which has the same copier: folders are ids, of the class with the highest of the
// model's scores, whatever `postprocess` makes of them (threshold may name another class, multilabel none); of a model
// with one output, the class of the answer. Names are numbered where they are taken. An image that isn't a file, or a
// member of an archive, becomes an error Result. Works wherever a config does, not in runs alone.
#pragma once

#include <memory>
#include <optional>

#include "output/image_copier.h"
#include "postprocess/postprocessor.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// `inner`, which with save_dir notes each result's best_class_id, too.
std::unique_ptr<Postprocessor> with_best_class(std::unique_ptr<Postprocessor> inner, const Settings& settings);

// Copies the images of results with a best class on their way to `next`. Without save_dir it copies none.
class SavedImages final : public ResultSink {
 public:
  explicit SavedImages(const Settings& settings);
  SavedImages(const Settings& settings, ResultSink& next);

  void copy(const Result& result);  // throws ImageFailure(kPostprocess): the image is gone; RuntimeFailure
  void write(const Result& result) override;

 private:
  const std::string folder_;
  ResultSink* const next_;
  ImageCopier copier_{ImageCopier::Names::kNumbered};
};

}  // namespace ppinfer

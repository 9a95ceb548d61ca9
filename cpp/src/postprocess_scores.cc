#include "config/labels.h"
#include "postprocess/postprocessor.h"
#include "postprocess/probabilities.h"
#include "ppinfer/error.h"
#include "ppinfer/postprocess.h"
#include "save_dir.h"

namespace ppinfer {
namespace {

std::vector<std::string> labels_of(const std::vector<std::string>& given, const Settings& settings) {
  if (settings.label_path.empty()) return given;
  if (!given.empty()) throw ConfigError({"labels and label_path are both given: keep one of them"});
  return read_labels(settings.label_path, settings.label_delimiter);
}

}  // namespace

std::vector<Result> postprocess(Span<const float> scores, int class_count, const std::vector<std::string>& paths,
                                const std::vector<std::string>& labels, const Settings& settings) {
  const std::vector<std::string> names = labels_of(labels, settings);
  if (!names.empty() && !has_labels(settings.postprocess)) {
    throw ConfigError({"labels are given, but this postprocess op names no classes: leave them out"});
  }
  const bool softmax = settings.softmax == SoftmaxUse::kOn ||
                       (settings.softmax == SoftmaxUse::kAuto &&
                        !(class_count == 1 ? are_in_unit_range(scores) : are_probabilities(scores, class_count)));
  const auto postprocessor = with_best_class(make_postprocessor(settings, names, class_count, softmax), settings);
  const auto row_size = static_cast<std::size_t>(class_count);
  if (scores.size() != paths.size() * row_size) {
    throw ConfigError({std::to_string(scores.size()) + " scores for " + std::to_string(paths.size()) + " images of " +
                       std::to_string(class_count) + " classes: expected " + std::to_string(paths.size() * row_size)});
  }
  std::vector<Result> results(paths.size());
  SavedImages saved(settings);
  for (std::size_t image = 0; image < results.size(); ++image) {
    results[image].path = paths[image];
    process_or_fail(*postprocessor, {scores.data() + image * row_size, row_size}, results[image]);
    saved.copy(results[image]);
  }
  return results;
}

}  // namespace ppinfer

#include "postprocess/top_k.h"

#include <algorithm>

namespace ppinfer {

// A heap of the best so far, its root the worst of them: no memory but the answer's, and for most classes one
// comparison.
void top_k(Span<const float> scores, int k, std::vector<int>& class_ids) {
  class_ids.clear();
  if (k <= 0) return;
  const auto better = [&scores](int a, int b) {
    const float score_a = scores[static_cast<std::size_t>(a)];
    const float score_b = scores[static_cast<std::size_t>(b)];
    return score_a > score_b || (score_a == score_b && a < b);
  };
  const int classes = static_cast<int>(scores.size());
  const int kept = std::min(k, classes);
  for (int id = 0; id < kept; ++id) class_ids.push_back(id);
  std::make_heap(class_ids.begin(), class_ids.end(), better);
  for (int id = kept; id < classes; ++id) {
    if (!better(id, class_ids.front())) continue;
    std::pop_heap(class_ids.begin(), class_ids.end(), better);
    class_ids.back() = id;
    std::push_heap(class_ids.begin(), class_ids.end(), better);
  }
  std::sort_heap(class_ids.begin(), class_ids.end(), better);
}

}  // namespace ppinfer

#include "model/output_tensor.h"

#include <algorithm>
#include <cstddef>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {

void throw_no_such_tensor(const EngineOptions& options, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 8;  // features lie near the end
  const bool asks_for_all = options.output_tensor == "?";
  const std::size_t shown = asks_for_all ? names.size() : std::min(kShown, names.size());
  std::string list;
  for (std::size_t i = names.size() - shown; i < names.size(); ++i)
    list += (list.empty() ? "" : ", ") + shown_word(names[i]);
  const std::string count = std::to_string(names.size());
  if (asks_for_all) {
    throw ModelError(options.model_path + ": output_tensor can be one of " + count +
                     " tensors, in the order in which they are computed: " + list);
  }
  throw ModelError(options.model_path + ": output_tensor " + shown_word(options.output_tensor) +
                   ": the model has no such tensor" + did_you_mean(options.output_tensor, names) +
                   (shown == names.size()
                        ? "; its tensors: " + list
                        : "; the last of its " + count + ": " + list + " (output_tensor ? lists all)"));
}

}  // namespace ppinfer

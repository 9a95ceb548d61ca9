// A word to the user whose model comes without a say on how images are prepared.
#pragma once

#include <string>

#include "config/draft.h"

namespace ppinfer {

// Empty, unless every key that decides the pixels stands at its built-in default because nobody set one: then that this
// is so, and that a config.txt lies beside the model, if one does. `yml_path`: the model's inference.yml, empty when
// there is none. `config_path`: the file that is run by, empty when there is none.
std::string untold_preprocessing_notice(const ConfigDraft& draft, const std::string& yml_path,
                                        const std::string& config_path);

}  // namespace ppinfer

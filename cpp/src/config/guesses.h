// Preprocessing that nobody stated: what follows from the model's file, what is guessed, and the notice of it.
#pragma once

#include <string>

#include "config/draft.h"
#include "config/model_input.h"

namespace ppinfer {

// Settles the sizes that no layer states, from the sides that the model's file declares:
// - crop_size: the model's own sides. They are implied, not guessed.
// - resize_short_size: 256/224 of the longer side of the crop, rounded down as timm does (32 -> 36, 224 -> 256).
// - Sides that differ, as of text lines: the whole image is stretched to them (resize_width, resize_height) where
//   neither a crop nor a resize is stated. A centre crop would cut off the ends of the line.
// `model_name` is what the values' origins say.
void settle_sizes(ConfigDraft& draft, Size model_px, const std::string& model_name);

// A file with every key that PaddleClas' C++ deployment must have, of a Paddle model, means what that program did with
// images besides: RGB, bilinear by OpenCV, 1/255, ImageNet's mean and std. These are then stated, not guessed.
void adopt_deployment_preprocessing(ConfigDraft& draft, const ConfigLayer& file, ModelFormat format,
                                    const std::string& file_name);

// No layer states the key, the model doesn't imply it, and it changes the pixels.
bool is_guessed(const ConfigDraft& draft, const ConfigField& field);

// Empty where nothing is guessed. Else each guessed key with its value, and what lies beside the model and isn't read.
// `yml_path`: the model's inference.yml, empty when there is none. `config_path`: the file that is run by, or empty.
std::string guess_notice(const ConfigDraft& draft, const ModelInput& input, const std::string& yml_path,
                         const std::string& config_path);

}  // namespace ppinfer

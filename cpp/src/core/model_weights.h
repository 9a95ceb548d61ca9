// The files of weights beside a model's own file: which they are, by what the model itself says.
#pragma once

#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

// Note [Files that a model names]
// An ONNX model may keep values in files beside it, whose names stand in it. A model from elsewhere could name any
// file: /etc/shadow would be hashed into what ppinfer writes, /dev/zero and a FIFO never end. So a name leads to a
// regular file in the model's folder or beneath it, symbolic links resolved: in the folder that holds the given path,
// or the one where the file that it links to lies (a store of downloaded models links both to its own names). The same
// reader says what is hashed and what an engine may load.

// For a `*.onnx` the files that its tensors name, in the order in which they are first named; for an OpenVINO IR
// (`*.xml`) its `*.bin`. Of these only the ones that are there. Throws ModelError: a name leads elsewhere or to
// something that isn't a regular file, or the model is damaged. A model that isn't there has none.
std::vector<std::string> weights_beside(const std::string& model_path);

// What is wrong with the files that the model names, of all of them, words that follow "MODEL: ": also that one that it
// needs isn't there, or is only what a failed download has left. Throws ModelError: the model is damaged.
std::vector<std::string> weights_problems(const std::string& model_path);

}  // namespace ppinfer

// Which keys belong to which postprocess op, and how an exported model's PostProcess section says them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/draft.h"

namespace ppinfer {

struct PostprocessParameter {
  const char* spec_name;  // in PostProcess
  const char* key;
  const char* absent;  // what leaving it out means there; null: nothing, empty: it may not be left out
};

struct PostprocessKeys {
  PostprocessOp op;
  const char* spec_name;
  std::vector<PostprocessParameter> parameters;
};

const std::vector<PostprocessKeys>& postprocess_table();

// The op makes use of the key, which is one of another op's or of the labels'.
bool postprocess_uses(PostprocessOp op, std::string_view key);

// Of the postprocess group, or a parameter of an op: label_path and label_delimiter.
bool is_postprocess_key(const ConfigField& field);

// Adds a problem, with its remedy, for every key that the user set to a value other than its default although the
// chosen op doesn't use the key, and for softmax and save_dir with an op without classes. A key of a layer below the
// layer that chose the op is ignored silently.
void check_postprocess(const ConfigDraft& draft, std::vector<std::string>& problems);

}  // namespace ppinfer

#include "config/postprocess_keys.h"

#include <algorithm>
#include <set>

#include "core/message_text.h"

namespace ppinfer {
namespace {

using Op = PostprocessOp;

std::string name_of(Op op) { return ValueText<Op>::print(op); }

// Ops with one score for each class and a top-1 class.
bool has_best_class(Op op) { return op == Op::kTopk || op == Op::kThreshold || op == Op::kScore; }

bool has_attributes(Op op) { return op == Op::kPersonAttribute || op == Op::kVehicleAttribute; }

std::set<std::string_view> keys_of_ops() {
  std::set<std::string_view> keys;
  for (const PostprocessKeys& row : postprocess_table()) {
    for (const PostprocessParameter& parameter : row.parameters) keys.insert(parameter.key);
  }
  return keys;
}

std::vector<std::string> users_of(std::string_view key) {
  std::vector<std::string> names;
  for (const PostprocessKeys& row : postprocess_table()) {
    if (postprocess_uses(row.op, key)) names.push_back(name_of(row.op));
  }
  return names;
}

class KeyChecker {
 public:
  KeyChecker(const ConfigDraft& draft, std::vector<std::string>& problems) : draft_(draft), problems_(problems) {}

  void check() {
    const Op op = draft_.settings.postprocess;
    for (const std::string_view key : keys_of_ops()) {
      if (!postprocess_uses(op, key)) refuse(key, "postprocess " + either_of(users_of(key)));
    }
    if (draft_.settings.softmax == SoftmaxUse::kOn && !has_best_class(op)) {
      refuse("softmax", "postprocess topk, threshold or score");
    }
    if (has_attributes(op) || op == Op::kEmbedding)
      refuse("save_dir", "postprocess topk, threshold, multilabel or score");
  }

 private:
  void refuse(std::string_view key, const std::string& needed) {
    const ConfigField& field = *find_field(key);
    const ValueOrigin& origin = draft_.origin(key);
    if (!draft_.given_by_user(key) || origin.rank < draft_.origin("postprocess").rank) return;
    if (!draft_.sound({key, "postprocess"}) || field.print(draft_.settings) == field.print(Settings{})) return;
    problems_.push_back(draft_.place_of_last({key}) + std::string(key) + " " +
                        shown_word(field.print(draft_.settings)) + " has no effect with postprocess " +
                        name_of(draft_.settings.postprocess) + ": leave it out, or set " + needed);
  }

  const ConfigDraft& draft_;
  std::vector<std::string>& problems_;
};

}  // namespace

const std::vector<PostprocessKeys>& postprocess_table() {
  static const std::vector<PostprocessKeys> table = {
      {Op::kTopk,
       "Topk",
       {{"topk", "topk", "1"},
        {"class_id_map_file", "label_path", nullptr},
        {"delimiter", "label_delimiter", nullptr},
        {"label_list", "label_path", nullptr}}},
      {Op::kThreshold,
       "ThreshOutput",
       {{"threshold", "threshold", "0"},
        {"default_label_index", "default_label_index", "0"},
        {"label_0", "label_0", nullptr},
        {"label_1", "label_1", nullptr},
        {"class_id_map_file", "label_path", nullptr},
        {"delimiter", "label_delimiter", nullptr}}},
      {Op::kMultilabel,
       "MultiLabelThreshOutput",
       {{"threshold", "threshold", "0.5"},
        {"class_id_map_file", "label_path", nullptr},
        {"delimiter", "label_delimiter", nullptr},
        {"label_list", "label_path", nullptr}}},  // of PaddleX's exports
      {Op::kPersonAttribute,
       "PersonAttribute",
       {{"threshold", "threshold", "0.5"},
        {"glasses_threshold", "glasses_threshold", "0.3"},
        {"hold_threshold", "hold_threshold", "0.6"}}},
      {Op::kVehicleAttribute,
       "VehicleAttribute",
       {{"color_threshold", "color_threshold", "0.5"}, {"type_threshold", "type_threshold", "0.5"}}},
      {Op::kScore, "ScoreOutput", {{"decimal_places", "decimal_places", ""}}},
      {Op::kEmbedding, "NormalizeFeatures", {}},  // PaddleX's name for it
  };
  return table;
}

bool postprocess_uses(PostprocessOp op, std::string_view key) {
  const auto& table = postprocess_table();
  const auto row =
      std::find_if(table.begin(), table.end(), [op](const PostprocessKeys& keys) { return keys.op == op; });
  return std::any_of(row->parameters.begin(), row->parameters.end(),
                     [key](const PostprocessParameter& parameter) { return key == parameter.key; });
}

bool is_postprocess_key(const ConfigField& field) {
  return field.group == FieldGroup::kPostprocess || keys_of_ops().count(field.name) != 0;
}

void check_postprocess(const ConfigDraft& draft, std::vector<std::string>& problems) {
  KeyChecker(draft, problems).check();
}

}  // namespace ppinfer

#include <type_traits>

#include "config/field_table.h"

namespace ppinfer {
namespace {

template <class T>
T type_behind(T Settings::*);

// Calls `use` with the ValueText of the member's type and the member.
template <class Use>
auto with_member(const SettingsMember& member, Use use) {
  return std::visit([&](auto pointer) { return use(ValueText<decltype(type_behind(pointer))>{}, pointer); }, member);
}

}  // namespace

const char* to_string(FieldGroup group) {
  switch (group) {
    case FieldGroup::kModel:
      return "model";
    case FieldGroup::kEngine:
      return "engine";
    case FieldGroup::kPreprocess:
      return "preprocess";
    case FieldGroup::kPostprocess:
      return "postprocess";
  }
  return "";
}

const char* to_string(KeyEffect effect) {
  switch (effect) {
    case KeyEffect::kDecoded:
      return "decoded";
    case KeyEffect::kResized:
      return "resized";
    case KeyEffect::kTensor:
      return "tensor";
    case KeyEffect::kLogits:
      return "logits";
    case KeyEffect::kResult:
      return "result";
    case KeyEffect::kClasses:
      return "classes";
    case KeyEffect::kOutput:
      return "output";
    case KeyEffect::kSpeed:
      return "speed";
    case KeyEffect::kNothing:
      return "nothing";
  }
  return "";
}

bool ConfigField::parse(std::string_view text, Settings& settings) const {
  return with_member(member, [&](auto as_text, auto pointer) { return as_text.parse(text, range, settings.*pointer); });
}

std::string ConfigField::print(const Settings& settings) const {
  return with_member(member, [&](auto as_text, auto pointer) { return as_text.print(settings.*pointer); });
}

ConfigValue ConfigField::value_of(const Settings& settings) const {
  return with_member(member, [&](auto as_text, auto pointer) -> ConfigValue {
    const auto& value = settings.*pointer;
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_enum_v<T>) {
      return as_text.print(value);
    } else if constexpr (std::is_same_v<T, int>) {
      return std::int64_t{value};
    } else {
      return value;
    }
  });
}

void ConfigField::derive_columns() {
  is_path = std::holds_alternative<std::string Settings::*>(member) && !plain_text;
  with_member(member, [&](auto as_text, auto pointer) {
    type = plain_text ? "text" : as_text.type_name();
    expected = plain_text ? "a text" : as_text.expected(range);
    if constexpr (std::is_enum_v<decltype(type_behind(pointer))>) choices = as_text.choices();
  });
}

std::vector<FieldInfo> config_fields() { return {field_table().begin(), field_table().end()}; }

ConfigValue EffectiveValue::value() const {
  const ConfigField* field = find_field(key);
  Settings settings;
  if (field == nullptr || !field->parse(text, settings)) return text;
  return field->value_of(settings);
}

}  // namespace ppinfer

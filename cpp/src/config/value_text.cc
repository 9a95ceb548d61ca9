#include "config/value_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "core/message_text.h"

namespace ppinfer {
namespace {

constexpr std::size_t kChannels = 3;

template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
  bool listed = true;  // in messages and docs
};

const std::vector<EnumName<EngineKind>>& names_of(EngineKind) {
  static const std::vector<EnumName<EngineKind>> names = {{EngineKind::kAuto, "auto"},
                                                          {EngineKind::kOpenVino, "openvino"},
                                                          {EngineKind::kPaddle, "paddle"},
                                                          {EngineKind::kFake, "fake", false}};
  return names;
}

const std::vector<EnumName<Precision>>& names_of(Precision) {
  static const std::vector<EnumName<Precision>> names = {
      {Precision::kFp32, "fp32"}, {Precision::kBf16, "bf16"}, {Precision::kInt8, "int8"}};
  return names;
}

const std::vector<EnumName<DecodeMode>>& names_of(DecodeMode) {
  static const std::vector<EnumName<DecodeMode>> names = {{DecodeMode::kExact, "exact"}, {DecodeMode::kFast, "fast"}};
  return names;
}

const std::vector<EnumName<Interpolation>>& names_of(Interpolation) {
  static const std::vector<EnumName<Interpolation>> names = {
      {Interpolation::kNearest, "nearest"}, {Interpolation::kBilinear, "bilinear"},
      {Interpolation::kBicubic, "bicubic"}, {Interpolation::kArea, "area"},
      {Interpolation::kLanczos, "lanczos"}, {Interpolation::kBox, "box"},
      {Interpolation::kHamming, "hamming"}};
  return names;
}

const std::vector<EnumName<ResizeBackend>>& names_of(ResizeBackend) {
  static const std::vector<EnumName<ResizeBackend>> names = {{ResizeBackend::kCv2, "cv2"},
                                                             {ResizeBackend::kPil, "pil"}};
  return names;
}

const std::vector<EnumName<ChannelOrder>>& names_of(ChannelOrder) {
  static const std::vector<EnumName<ChannelOrder>> names = {{ChannelOrder::kRgb, "rgb"}, {ChannelOrder::kBgr, "bgr"}};
  return names;
}

const std::vector<EnumName<PostprocessOp>>& names_of(PostprocessOp) {
  static const std::vector<EnumName<PostprocessOp>> names = {{PostprocessOp::kTopk, "topk"},
                                                             {PostprocessOp::kThreshold, "threshold"},
                                                             {PostprocessOp::kMultilabel, "multilabel"},
                                                             {PostprocessOp::kPersonAttribute, "person_attribute"},
                                                             {PostprocessOp::kVehicleAttribute, "vehicle_attribute"},
                                                             {PostprocessOp::kScore, "score"},
                                                             {PostprocessOp::kEmbedding, "embedding"}};
  return names;
}

const std::vector<EnumName<SoftmaxUse>>& names_of(SoftmaxUse) {
  static const std::vector<EnumName<SoftmaxUse>> names = {
      {SoftmaxUse::kOff, "off"}, {SoftmaxUse::kOn, "on"}, {SoftmaxUse::kAuto, "auto"}};
  return names;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lowercase(std::string_view text) {
  std::string lower(trimmed(text));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (auto end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {  // all of the text, locale or not
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool in_range(double number, const NumberRange& range) {
  return std::isfinite(number) && (range.above_min ? number > range.min : number >= range.min) && number <= range.max;
}

std::string range_text(const NumberRange& range) {  // " greater than 0", " from 1 to 5", or nothing
  if (range.above_min) return " greater than " + ValueText<double>::print(range.min);
  if (!std::isfinite(range.max)) return "";
  return " from " + std::to_string(static_cast<std::int64_t>(range.min)) + " to " +
         std::to_string(static_cast<std::int64_t>(range.max));
}

}  // namespace

template <class T>
bool ValueText<T>::parse(std::string_view text, const NumberRange& range, T& value) {
  if constexpr (std::is_enum_v<T>) {
    const std::string lower = lowercase(text);
    for (const EnumName<T>& entry : names_of(T{})) {
      if (lower != entry.name) continue;
      value = entry.value;
      return true;
    }
    return false;
  } else {
    return parse_number(text, value) && in_range(static_cast<double>(value), range);
  }
}

template <class T>
std::string ValueText<T>::print(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    for (const EnumName<T>& entry : names_of(T{})) {
      if (entry.value == value) return entry.name;
    }
    return "";
  } else {
    return std::to_string(value);
  }
}

template <class T>
std::vector<std::string> ValueText<T>::choices() {
  std::vector<std::string> names;
  if constexpr (std::is_enum_v<T>) {
    for (const EnumName<T>& entry : names_of(T{})) {
      if (entry.listed) names.emplace_back(entry.name);
    }
  }
  return names;
}

template <class T>
std::string ValueText<T>::type_name() {
  if constexpr (std::is_enum_v<T>) {
    std::string text;
    for (const std::string& name : choices()) text += (text.empty() ? "" : "|") + name;
    return text;
  } else {
    return "int";
  }
}

template <class T>
std::string ValueText<T>::expected(const NumberRange& range) {
  if constexpr (std::is_enum_v<T>) {
    return either_of(choices());
  } else {
    return "an integer" + range_text(range);
  }
}

template struct ValueText<int>;
template struct ValueText<std::int64_t>;
template struct ValueText<EngineKind>;
template struct ValueText<Precision>;
template struct ValueText<DecodeMode>;
template struct ValueText<Interpolation>;
template struct ValueText<ResizeBackend>;
template struct ValueText<ChannelOrder>;
template struct ValueText<PostprocessOp>;
template struct ValueText<SoftmaxUse>;

bool ValueText<bool>::parse(std::string_view text, const NumberRange&, bool& value) {
  const std::string lower = lowercase(text);
  value = lower == "1" || lower == "true" || lower == "on" || lower == "yes";
  return value || lower == "0" || lower == "false" || lower == "off" || lower == "no";
}
std::string ValueText<bool>::print(bool value) { return value ? "1" : "0"; }
std::string ValueText<bool>::type_name() { return "bool"; }
std::string ValueText<bool>::expected(const NumberRange&) { return "0 or 1 (or false, true, off, on, no, yes)"; }

bool ValueText<double>::parse(std::string_view text, const NumberRange& range, double& value) {
  const auto parts = split(text, '/');
  if (parts.size() > 2 || !parse_number(parts[0], value)) return false;
  if (parts.size() == 2) {
    double divisor = 0;
    if (!parse_number(parts[1], divisor) || divisor == 0) return false;
    value /= divisor;
  }
  return in_range(value, range);
}
std::string ValueText<double>::print(double value) {  // the shortest text that reads back as the same number
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), value).ptr);
}
std::string ValueText<double>::type_name() { return "number"; }
std::string ValueText<double>::expected(const NumberRange& range) {
  return "a number" + range_text(range) + ", or a fraction such as 1.0/255.0";
}

bool ValueText<std::vector<double>>::parse(std::string_view text, const NumberRange& range,
                                           std::vector<double>& value) {
  const auto parts = split(text, ',');
  value.assign(kChannels, 0);
  if (parts.size() != kChannels) return false;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    if (!parse_number(parts[channel], value[channel]) || !in_range(value[channel], range)) return false;
  }
  return true;
}
std::string ValueText<std::vector<double>>::print(const std::vector<double>& value) {
  std::string text;
  for (const double number : value) text += (text.empty() ? "" : ",") + ValueText<double>::print(number);
  return text;
}
std::string ValueText<std::vector<double>>::type_name() { return "numbers"; }
std::string ValueText<std::vector<double>>::expected(const NumberRange& range) {
  return "3 numbers" + range_text(range) + ", such as 0.5,0.5,0.5";
}

bool ValueText<Size>::parse(std::string_view text, const NumberRange& range, Size& value) {
  const auto parts = split(text, ',');
  if (parts.size() > 2) return false;
  if (!parse_number(parts.front(), value.width) || !parse_number(parts.back(), value.height)) return false;
  if (value == Size{}) return true;
  return in_range(value.width, range) && in_range(value.height, range);
}
std::string ValueText<Size>::print(const Size& value) {
  const std::string width = std::to_string(value.width);
  return value.width == value.height ? width : width + "," + std::to_string(value.height);
}
std::string ValueText<Size>::type_name() { return "size"; }
std::string ValueText<Size>::expected(const NumberRange& range) {
  return "a side or width,height, each" + range_text(range) + "; 0 for none";
}

bool ValueText<std::string>::parse(std::string_view text, const NumberRange&, std::string& value) {
  value = text;
  return text.find('\0') == std::string_view::npos;
}
std::string ValueText<std::string>::print(const std::string& value) { return value; }
std::string ValueText<std::string>::type_name() { return "path"; }
std::string ValueText<std::string>::expected(const NumberRange&) { return "a path"; }

}  // namespace ppinfer

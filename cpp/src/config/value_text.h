// Values of config keys as text, both ways: one ValueText for each type that a key can have.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

// What a number may be; ignored by types that aren't numbers.
struct NumberRange {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  // min itself is out
};

// parse: false, and `value` perhaps half set, when the text is not a value of the type in the range.
// print: the text that parse reads back as the same value.
// type_name: a word for people: bool, int, number, numbers, size, path, or an enum's names as a|b|c.
// expected: what stands after "expected " in a message, such as "an integer from 1 to 1024".
// choices: an enum's names, as documented.
template <class T>
struct ValueText {  // int and std::int64_t: decimal; enums: by name, in any case
  static bool parse(std::string_view text, const NumberRange& range, T& value);
  static std::string print(const T& value);
  static std::vector<std::string> choices();
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

template <>
struct ValueText<bool> {  // 0 1 true false on off yes no, in any case
  static bool parse(std::string_view text, const NumberRange& range, bool& value);
  static std::string print(bool value);
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

template <>
struct ValueText<double> {  // 0.5, 1e-3, or a fraction: 1.0/255.0
  static bool parse(std::string_view text, const NumberRange& range, double& value);
  static std::string print(double value);
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

template <>
struct ValueText<std::vector<double>> {  // one a channel: 0.485,0.456,0.406
  static bool parse(std::string_view text, const NumberRange& range, std::vector<double>& value);
  static std::string print(const std::vector<double>& value);
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

template <>
struct ValueText<Size> {  // a side, or width,height; 0: none
  static bool parse(std::string_view text, const NumberRange& range, Size& value);
  static std::string print(const Size& value);
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

template <>
struct ValueText<std::string> {  // a path, taken as it is
  static bool parse(std::string_view text, const NumberRange& range, std::string& value);
  static std::string print(const std::string& value);
  static std::string type_name();
  static std::string expected(const NumberRange& range);
};

}  // namespace ppinfer

// Numbers as records write them: the same bytes in every locale.
#pragma once

#include <string>

namespace ppinfer {

void append_integer(int value, std::string& text);

// The shortest decimal that reads back as the same float32, with a point or an exponent so that it reads as a float:
// 0.1, 1.0, 1e-05. Not for NaN or infinity.
void append_shortest(float value, std::string& text);

void append_fixed(float value, int decimals, std::string& text);

}  // namespace ppinfer

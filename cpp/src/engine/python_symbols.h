// Paddle's library refers to symbols of CPython. In a Python process they are there; a plain program must map
// libpython.
#pragma once

namespace ppinfer {

// Does nothing where the symbols are there already. Throws ModelError that names `engine openvino` as the way that
// needs no libpython.
void ensure_python_symbols();

}  // namespace ppinfer

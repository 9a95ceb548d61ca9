// Memory that Python owns, held by C++ threads that know nothing of the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

namespace ppinfer {

// The buffer of `owner`, exported for as long as the pointer lives; may be let go in any thread. Called under the GIL;
// throws what Python does for an object without such a buffer.
inline std::shared_ptr<const Py_buffer> hold_buffer(const pybind11::object& owner, int flags) {
  auto buffer = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(owner.ptr(), buffer.get(), flags) != 0) throw pybind11::error_already_set();
  return std::shared_ptr<const Py_buffer>(buffer.release(), [](const Py_buffer* held) {
    const pybind11::gil_scoped_acquire gil;
    auto* exported = const_cast<Py_buffer*>(held);
    PyBuffer_Release(exported);
    delete exported;
  });
}

}  // namespace ppinfer

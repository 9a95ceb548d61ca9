// Bytes of ours as Python's text. What isn't UTF-8 becomes \udcNN, as os.fsdecode has it, so that nothing is lost.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

namespace ppinfer {

inline pybind11::str to_python_text(const std::string& bytes) {
  PyObject* text = PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (text == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::str>(text);
}

inline pybind11::str to_python_path(const std::string& bytes) {
  PyObject* text = PyUnicode_DecodeFSDefaultAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
  if (text == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::str>(text);
}

// Back from these.
inline std::string to_bytes_of_text(pybind11::handle text) {
  PyObject* bytes = PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape");
  if (bytes == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::bytes>(bytes);
}

inline std::string to_bytes_of_path(pybind11::handle path) {
  const auto name = pybind11::reinterpret_steal<pybind11::object>(PyOS_FSPath(path.ptr()));
  if (!name) throw pybind11::error_already_set();
  if (PyBytes_Check(name.ptr())) return name.cast<std::string>();
  PyObject* bytes = PyUnicode_EncodeFSDefault(name.ptr());
  if (bytes == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::bytes>(bytes);
}

inline pybind11::list to_python_texts(const std::vector<std::string>& values) {
  pybind11::list texts(values.size());
  for (std::size_t index = 0; index < values.size(); ++index) texts[index] = to_python_text(values[index]);
  return texts;
}

}  // namespace ppinfer

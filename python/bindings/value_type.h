// Classes whose objects are values: shown, pickled and matched by their fields.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <iterator>
#include <string>

namespace ppinfer {

// `names`: of the fields, as the constructor takes them; `fields_of(value)`: their values, a tuple.
template <class Type, class Names, class FieldsOf>
void define_fields(pybind11::class_<Type>& type, const char* name, const Names& names, const FieldsOf& fields_of) {
  namespace py = pybind11;
  py::tuple fields(std::size(names));
  for (std::size_t index = 0; index < std::size(names); ++index) fields[index] = names[index];
  type.attr("__match_args__") = fields;
  type.def("__repr__",
           [name, &names, fields_of](const Type& value) {
             const py::tuple values = fields_of(value);
             std::string text = std::string(name) + "(";
             for (std::size_t index = 0; index < std::size(names); ++index) {
               text += (index > 0 ? ", " : "") + std::string(names[index]) + "=" +
                       py::repr(values[index]).template cast<std::string>();
             }
             return text + ")";
           })
      .def("__reduce__",
           [fields_of](const Type& value) { return py::make_tuple(py::type::of<Type>(), fields_of(value)); });
}

template <class Type, class AreSame>
void define_equality(pybind11::class_<Type>& type, const AreSame& are_same) {
  namespace py = pybind11;
  type.def("__eq__", [are_same](const Type& value, const py::object& other) -> py::object {
    if (!py::isinstance<Type>(other)) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
    return py::bool_(are_same(value, other.cast<const Type&>()));
  });
}

}  // namespace ppinfer

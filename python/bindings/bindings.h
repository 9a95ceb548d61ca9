// One function a public header of ppinfer; module.cc calls them in order of need.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <tuple>
#include <vector>

#include "python_result.h"

namespace ppinfer {

struct Override;

using GivenKeys = std::vector<std::tuple<std::string, std::string, std::string>>;  // (key, value, given_by), as bytes
std::vector<Override> overrides_of(const GivenKeys& given);

void bind_error(pybind11::module_& core);
void bind_config(pybind11::module_& core);
void bind_image(pybind11::module_& core);
void bind_image_files(pybind11::module_& core);
void bind_decode(pybind11::module_& core);
void bind_predictor(pybind11::module_& core);
void bind_run_summary(pybind11::module_& core);
void bind_run_options(pybind11::module_& core);
void bind_run(pybind11::module_& core);
void bind_model_files(pybind11::module_& core);
void bind_result(pybind11::module_& core);
void bind_postprocess(pybind11::module_& core);
void bind_benchmark(pybind11::module_& core);

}  // namespace ppinfer

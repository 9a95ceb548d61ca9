// The same names as ../wheel/paddle_abi.h, from the headers of Paddle's C++ SDK.
#pragma once

#include "paddle/phi/api/include/tensor.h"
#include "paddle/phi/api/include/tensor_utils.h"
#include "paddle_inference_api.h"

// What an OpenVINO exception says, without where in OpenVINO's source it was thrown.
#pragma once

#include <exception>
#include <string>

namespace ppinfer {

std::string reason_of(const std::exception& error);  // one line, of bounded length

}  // namespace ppinfer

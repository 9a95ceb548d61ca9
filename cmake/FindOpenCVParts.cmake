# OpenCV's core, imgproc and imgcodecs as OpenCVParts::<name>. Debian ships OpenCVConfig.cmake only with the whole of
# OpenCV (libopencv-dev, 1 GB with what it needs), so the three parts are found by their headers and libraries.
find_path(OpenCVParts_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(required OpenCVParts_INCLUDE_DIR)
foreach(part core imgproc imgcodecs)
  find_library(OpenCVParts_${part}_LIBRARY opencv_${part})
  list(APPEND required OpenCVParts_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS ${required}
  REASON_FAILURE_MESSAGE "on Debian: apt install libopencv-imgproc-dev libopencv-imgcodecs-dev")
if(OpenCVParts_FOUND AND NOT TARGET OpenCVParts::core)
  foreach(part core imgproc imgcodecs)
    add_library(OpenCVParts::${part} UNKNOWN IMPORTED)
    set_target_properties(OpenCVParts::${part} PROPERTIES
      IMPORTED_LOCATION ${OpenCVParts_${part}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${OpenCVParts_INCLUDE_DIR})
  endforeach()
endif()

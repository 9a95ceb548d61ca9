# Parts of OpenCV as OpenCVParts::<component>: core, imgproc, imgcodecs. Debian ships OpenCVConfig.cmake only with the
# whole of OpenCV (libopencv-dev, 1 GB with what it needs), so parts are found by their headers and libraries.
find_path(OpenCVParts_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(required OpenCVParts_INCLUDE_DIR)
foreach(part ${OpenCVParts_FIND_COMPONENTS})
  find_library(OpenCVParts_${part}_LIBRARY opencv_${part})
  list(APPEND required OpenCVParts_${part}_LIBRARY)
  list(APPEND packages libopencv-${part}-dev)
endforeach()
list(JOIN packages " " packages)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS ${required}
  REASON_FAILURE_MESSAGE "on Debian: apt install ${packages}")
if(OpenCVParts_FOUND)
  foreach(part ${OpenCVParts_FIND_COMPONENTS})
    if(NOT TARGET OpenCVParts::${part})
      add_library(OpenCVParts::${part} UNKNOWN IMPORTED)
      set_target_properties(OpenCVParts::${part} PROPERTIES
        IMPORTED_LOCATION ${OpenCVParts_${part}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${OpenCVParts_INCLUDE_DIR})
    endif()
  endforeach()
endif()
unset(packages)

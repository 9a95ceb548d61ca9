# Paddle Inference as PaddleInference::PaddleInference, from the C++ SDK in -DPADDLE_INFERENCE_DIR or from the installed
# Python package paddlepaddle. Sets PaddleInference_ABI ("sdk" or "wheel", which headers there are) and
# PaddleInference_LIBRARY_DIRS; PaddleInference_VERSION of the Python package.
include(PythonPackage)
include(FindPackageHandleStandardArgs)
set(PADDLE_INFERENCE_DIR "" CACHE PATH "Folder of the Paddle Inference C++ SDK; empty: the Python package is used")

if(PADDLE_INFERENCE_DIR)
  set(PaddleInference_ABI sdk)
  set(PaddleInference_INCLUDE_DIR ${PADDLE_INFERENCE_DIR}/paddle/include)
  set(header ${PaddleInference_INCLUDE_DIR}/paddle_inference_api.h)
  set(library_folder ${PADDLE_INFERENCE_DIR}/paddle/lib)
  set(main_library libpaddle_inference.so)
  set(support_folders ${library_folder})
  file(GLOB third_party_folders ${PADDLE_INFERENCE_DIR}/third_party/install/*/lib)
  set(missing "no paddle/lib/libpaddle_inference.so and paddle/include/paddle_inference_api.h in PADDLE_INFERENCE_DIR")
else()
  ppinfer_python_package(paddle paddle_package)
  set(PaddleInference_ABI wheel)
  set(PaddleInference_INCLUDE_DIR ${paddle_package}/include)
  set(header ${PaddleInference_INCLUDE_DIR}/paddle/phi/api/include/tensor.h)
  set(library_folder ${paddle_package}/base)
  set(main_library libpaddle.so)
  set(support_folders ${paddle_package}/libs)
  set(third_party_folders "")
  set(missing "pip install paddlepaddle, for ${Python3_EXECUTABLE}, or set PADDLE_INFERENCE_DIR to the C++ SDK")
endif()

set(PaddleInference_VERSION "")
if(EXISTS ${paddle_package}/version/__init__.py)
  file(STRINGS ${paddle_package}/version/__init__.py version_line REGEX "^full_version" LIMIT_COUNT 1)
  string(REGEX REPLACE ".*'(.*)'.*" "\\1" PaddleInference_VERSION "${version_line}")
endif()
set(PaddleInference_LIBRARY "")
if(EXISTS ${library_folder}/${main_library} AND EXISTS ${header})
  set(PaddleInference_LIBRARY ${library_folder}/${main_library})
endif()
set(PaddleInference_LIBRARY_DIRS ${library_folder} ${support_folders} ${third_party_folders})
list(REMOVE_DUPLICATES PaddleInference_LIBRARY_DIRS)
find_package_handle_standard_args(PaddleInference REQUIRED_VARS PaddleInference_LIBRARY
  REASON_FAILURE_MESSAGE "${missing}")

if(PaddleInference_FOUND AND NOT TARGET PaddleInference::PaddleInference)
  set(support_libraries "")
  foreach(name libphi.so libphi_core.so libcommon.so)  # which of them there are differs by version
    if(EXISTS ${support_folders}/${name})
      list(APPEND support_libraries ${support_folders}/${name})
    endif()
  endforeach()
  add_library(PaddleInference::PaddleInference UNKNOWN IMPORTED)
  set_target_properties(PaddleInference::PaddleInference PROPERTIES
    IMPORTED_LOCATION ${PaddleInference_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${PaddleInference_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${support_libraries}")
endif()

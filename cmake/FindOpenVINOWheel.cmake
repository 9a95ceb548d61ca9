# OpenVINO Runtime (openvino::runtime) from -DOpenVINO_DIR or from the installed Python package, which has the headers,
# libraries and CMake files. Sets OpenVINOWheel_LIBRARY_DIRS.
include(PythonPackage)
ppinfer_python_package(openvino openvino_package)
find_package(OpenVINO QUIET CONFIG COMPONENTS Runtime PATHS ${openvino_package}/cmake NO_CMAKE_PACKAGE_REGISTRY)
if(OpenVINO_FOUND)
  get_target_property(OpenVINOWheel_LIBRARY openvino::runtime LOCATION)
  get_filename_component(OpenVINOWheel_LIBRARY_DIRS ${OpenVINOWheel_LIBRARY} DIRECTORY)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenVINOWheel REQUIRED_VARS OpenVINOWheel_LIBRARY VERSION_VAR OpenVINO_VERSION
  REASON_FAILURE_MESSAGE "pip install openvino, for ${Python3_EXECUTABLE}, or set OpenVINO_DIR")

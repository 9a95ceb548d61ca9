# What goes where. Component `runtime` is a C++ installation; component `python` is what setup.py puts into the wheel,
# where the folders below are overridden.
set(PPINFER_LIB_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR} CACHE STRING "Where libppinfer.so goes")
set(PPINFER_ENGINE_INSTALL_DIR ${PPINFER_LIB_INSTALL_DIR}/ppinfer_engines)
set(PPINFER_BIN_INSTALL_DIR ${CMAKE_INSTALL_BINDIR} CACHE STRING "Where clas_system goes")
file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(PPINFER_BIN_INSTALL_RPATH "$ORIGIN/${bin_to_lib}" CACHE STRING "Where clas_system looks for libppinfer.so")

set(engines)
foreach(engine openvino paddle fake)
  if(TARGET ppinfer_${engine} AND (NOT engine STREQUAL "fake" OR PPINFER_FAKE_ENGINE))
    list(APPEND engines ppinfer_${engine})
  endif()
endforeach()

set_target_properties(clas_system PROPERTIES INSTALL_RPATH "${PPINFER_BIN_INSTALL_RPATH}")
set(component runtime)
if(PPINFER_BUILD_PYTHON)
  set(component python)
  add_custom_target(ppinfer_python DEPENDS ppinfer _core clas_system ${engines})
  install(TARGETS _core LIBRARY DESTINATION ${PPINFER_PYTHON_DIR} COMPONENT python)
endif()
install(TARGETS ppinfer EXPORT ppinferTargets LIBRARY DESTINATION ${PPINFER_LIB_INSTALL_DIR} COMPONENT ${component})
install(TARGETS clas_system RUNTIME DESTINATION ${PPINFER_BIN_INSTALL_DIR} COMPONENT ${component})
if(engines)
  install(TARGETS ${engines} LIBRARY DESTINATION ${PPINFER_ENGINE_INSTALL_DIR} COMPONENT ${component})
endif()

if(PPINFER_BUNDLED_LIBRARIES AND PPINFER_BUILD_PYTHON)
  install(DIRECTORY ${PPINFER_BUNDLED_DIR}/licences/ DESTINATION ${PROJECT_BINARY_DIR}/licences COMPONENT python)
endif()

# For find_package(ppinfer). An installation can be moved: nothing in it says where it was put.
if(NOT PPINFER_BUILD_PYTHON)
  include(CMakePackageConfigHelpers)
  set(config_dir ${PPINFER_LIB_INSTALL_DIR}/cmake/ppinfer)
  install(EXPORT ppinferTargets NAMESPACE ppinfer:: DESTINATION ${config_dir} COMPONENT ${component})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/cpp/include/ppinfer ${PROJECT_BINARY_DIR}/include/ppinfer
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${component} FILES_MATCHING PATTERN "*.h")
  configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ppinferConfig.cmake.in
    ${PROJECT_BINARY_DIR}/ppinferConfig.cmake INSTALL_DESTINATION ${config_dir} PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/ppinferConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/ppinferConfig.cmake ${PROJECT_BINARY_DIR}/ppinferConfigVersion.cmake
    DESTINATION ${config_dir} COMPONENT ${component})
endif()

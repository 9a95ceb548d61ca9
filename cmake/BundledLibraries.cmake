# The third-party libraries of libppinfer as static ones, built by cmake/bundled/build.py, under the names that the system's
# have. Each target names what its library needs: a static library doesn't.
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
set(PPINFER_BUNDLED_DIR ${PROJECT_SOURCE_DIR}/build/bundled CACHE PATH "Where the bundled libraries are built and kept")
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env CMAKE_COMMAND=${CMAKE_COMMAND} ${Python3_EXECUTABLE}
    ${PROJECT_SOURCE_DIR}/cmake/bundled/build.py ${PPINFER_BUNDLED_DIR}
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "The bundled libraries can't be built, for the reason before this line.")
endif()

function(ppinfer_bundled_library target archive)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${PPINFER_BUNDLED_DIR}/lib/lib${archive}.a
    INTERFACE_INCLUDE_DIRECTORIES ${PPINFER_BUNDLED_DIR}/include
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

ppinfer_bundled_library(ZLIB::ZLIB z)
ppinfer_bundled_library(BZip2::BZip2 bz2)
ppinfer_bundled_library(LibLZMA::LibLZMA lzma)
ppinfer_bundled_library(PkgConfig::ZSTD zstd)
ppinfer_bundled_library(PkgConfig::JPEG_TURBO jpeg)
ppinfer_bundled_library(PNG::PNG png16 ZLIB::ZLIB m)
ppinfer_bundled_library(ppinfer_sharpyuv sharpyuv m)
ppinfer_bundled_library(ppinfer_webp webp ppinfer_sharpyuv)
ppinfer_bundled_library(PkgConfig::WEBP webpdemux ppinfer_webp)
ppinfer_bundled_library(TIFF::TIFF tiff
  PkgConfig::JPEG_TURBO ZLIB::ZLIB LibLZMA::LibLZMA PkgConfig::ZSTD ppinfer_webp m)
ppinfer_bundled_library(LibArchive::LibArchive archive ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA PkgConfig::ZSTD)
ppinfer_bundled_library(ppinfer_dav1d dav1d)
ppinfer_bundled_library(ppinfer_yuv yuv)
ppinfer_bundled_library(PkgConfig::AVIF avif ppinfer_dav1d ppinfer_yuv m)
ppinfer_bundled_library(PkgConfig::HIGHWAY hwy)
ppinfer_bundled_library(yaml-cpp yaml-cpp)
set_property(TARGET yaml-cpp PROPERTY INTERFACE_COMPILE_DEFINITIONS YAML_CPP_STATIC_DEFINE)
list(PREPEND CMAKE_PREFIX_PATH ${PPINFER_BUNDLED_DIR})  # of nlohmann_json and CLI11, which are headers

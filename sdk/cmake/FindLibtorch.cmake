# Finds the parts of libtorch that run on a CPU: libtorch_cpu and libc10, of a wheel or of the zip. (The wheel's own
# TorchConfig.cmake wants a whole CUDA toolkit.) Looks in Libtorch_ROOT, then in the torch of Python3_EXECUTABLE.
#
#   Libtorch::cpu      headers, both libraries, and CALOTYPE_TORCH_VERSION, CALOTYPE_TORCH_GIT, which manifests carry
#   Libtorch_VERSION   as 2.11.0+cu130
if(NOT Libtorch_ROOT)
  find_package(Python3 COMPONENTS Interpreter QUIET)
  execute_process(COMMAND ${Python3_EXECUTABLE} -c
    "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
                  OUTPUT_VARIABLE Libtorch_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(EXISTS "${Libtorch_ROOT}/version.py")
  file(READ "${Libtorch_ROOT}/version.py" text)
  string(REGEX REPLACE ".*__version__ = '([^']+)'.*" "\\1" Libtorch_VERSION "${text}")
  string(REGEX REPLACE ".*git_version = '([^']+)'.*" "\\1" Libtorch_GIT "${text}")
elseif(EXISTS "${Libtorch_ROOT}/build-version")
  file(STRINGS "${Libtorch_ROOT}/build-version" Libtorch_VERSION LIMIT_COUNT 1)
  file(STRINGS "${Libtorch_ROOT}/build-hash" Libtorch_GIT LIMIT_COUNT 1)
endif()
find_path(Libtorch_INCLUDE_DIR ATen/core/Tensor.h HINTS ${Libtorch_ROOT}/include NO_DEFAULT_PATH)
find_library(Libtorch_CPU torch_cpu HINTS ${Libtorch_ROOT}/lib NO_DEFAULT_PATH)
find_library(Libtorch_C10 c10 HINTS ${Libtorch_ROOT}/lib NO_DEFAULT_PATH)
mark_as_advanced(Libtorch_INCLUDE_DIR Libtorch_CPU Libtorch_C10)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Libtorch REQUIRED_VARS Libtorch_CPU Libtorch_C10 Libtorch_INCLUDE_DIR VERSION_VAR Libtorch_VERSION
  REASON_FAILURE_MESSAGE "run ./dev build, or set Libtorch_ROOT to an unpacked libtorch")

if(Libtorch_FOUND AND NOT TARGET Libtorch::cpu)
  add_library(Libtorch::c10 SHARED IMPORTED)
  set_target_properties(Libtorch::c10 PROPERTIES IMPORTED_LOCATION ${Libtorch_C10})
  add_library(Libtorch::cpu SHARED IMPORTED)
  set_target_properties(Libtorch::cpu PROPERTIES IMPORTED_LOCATION ${Libtorch_CPU} INTERFACE_LINK_LIBRARIES
    Libtorch::c10)
  target_include_directories(Libtorch::cpu SYSTEM INTERFACE ${Libtorch_INCLUDE_DIR})
  target_compile_definitions(Libtorch::cpu INTERFACE CALOTYPE_TORCH_VERSION="${Libtorch_VERSION}"
    CALOTYPE_TORCH_GIT="${Libtorch_GIT}")
endif()

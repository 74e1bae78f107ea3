# calotype_add_plugin(NAME [TENSOR] [VENDOR vendor] [VERSION 1.2.3] file.cpp ...), or one file.c in a project whose
# language is C
#
# One shared library that a host loads, from files that each declare their own entries. TENSOR: model loaders and
# pipelines, which use the host's libtorch (calotype::sdk_tensor). Without it nothing but the C++ standard library is
# linked.
function(calotype_add_plugin name)
  cmake_parse_arguments(arg "TENSOR" "VENDOR;VERSION" "" ${ARGN})
  add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
  if(CMAKE_CXX_COMPILER)
    target_link_libraries(${name} PRIVATE $<IF:$<BOOL:${arg_TENSOR}>,calotype::sdk_tensor,calotype::sdk>)
    target_compile_features(${name} PRIVATE cxx_std_20)
  else()
    target_link_libraries(${name} PRIVATE calotype::sdk_c)
  endif()
  # -fno-gnu-unique: a library with unique symbols is never really unloaded
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique> ${CALOTYPE_WARNINGS})
  target_compile_definitions(${name} PRIVATE CALOTYPE_PLUGIN_NAME="${name}" CALOTYPE_PLUGIN_VENDOR="${arg_VENDOR}"
                                             CALOTYPE_PLUGIN_VERSION="${arg_VERSION}")
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  if(NOT arg_TENSOR)  # what it needs is where the system has it
    set_target_properties(${name} PROPERTIES SKIP_BUILD_RPATH ON INSTALL_RPATH "")
  endif()
endfunction()

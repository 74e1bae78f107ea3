# calotype_embed_templates(FOLDER OUTPUT): writes a source file with the text of each file in FOLDER, by name.
function(calotype_embed_templates folder output)
  file(GLOB names CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  set(lines "")
  foreach(name ${names})
    file(READ ${folder}/${name} text)
    string(APPEND lines "      {\"${name}\", R\"~~~(${text})~~~\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT "// Made by CMake of the files in sdk/templates.
#include \"cli/project_templates.h\"

namespace calotype::cli {

const std::map<std::string_view, std::string_view>& project_templates() {
  static const std::map<std::string_view, std::string_view> all{
@lines@  };
  return all;
}

}  // namespace calotype::cli
")
endfunction()

# embed(TARGET NAME FILE): compiles a data file in as `extern const std::string_view NAME` of namespace mlenv, so that
# the program needs no file of its own at run time. It is declared where it is used.
function(embed target name file)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set(made ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} content)
  file(WRITE ${made}.new "#include <string_view>\n\nnamespace mlenv {\nextern const std::string_view ${name};\n"
       "const std::string_view ${name} = R\"embedded(${content})embedded\";\n}  // namespace mlenv\n")
  configure_file(${made}.new ${made} COPYONLY) # touched only when it differs
  target_sources(${target} PRIVATE ${made})
endfunction()

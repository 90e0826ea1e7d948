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

# embed_tables(TARGET FILE…): compiles knowledge tables in, read and checked while the program is built.
function(embed_tables target)
  add_executable(compile_tables ${PROJECT_SOURCE_DIR}/cmake/compile_tables.cpp knowledge/table.cpp knowledge/table_text.cpp)
  target_link_libraries(compile_tables PRIVATE mlenv_recipe)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/compiled_tables.cpp)
  add_custom_command(OUTPUT ${made} COMMAND compile_tables ${made} ${ARGN} DEPENDS compile_tables ${ARGN} VERBATIM)
  target_sources(${target} PRIVATE ${made})
endfunction()

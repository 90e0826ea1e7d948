# One set of warnings for every target of the project; the system's headers are exempt.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion)
if(MLENVCTL_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wno-overlength-strings) # the tables that are compiled in
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
  add_compile_options(-Wno-restrict) # false alarms on std::string + std::string, GCC bug 105651
  add_compile_options(-Wno-maybe-uninitialized) # likewise on std::optional within std::variant, GCC bug 80635
endif()

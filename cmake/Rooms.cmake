# room(NAME USES room… [EXCEPT header…] [INCLUDES family…] [LINKS target…])
#
# Makes the library mlenv_NAME of engine/NAME/*.cpp and, with tests on, the test rooms.NAME, which reads the
# #include lines of engine/NAME and fails on one that this row does not allow. Linkers do not enforce layers.
function(room name)
  cmake_parse_arguments(ROOM "" "" "USES;EXCEPT;INCLUDES;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(mlenv_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(mlenv_${name} INTERFACE) # headers alone
    set(scope INTERFACE)
  endif()
  target_include_directories(mlenv_${name} ${scope} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(used ${ROOM_USES})
    target_link_libraries(mlenv_${name} ${scope} mlenv_${used})
  endforeach()
  target_link_libraries(mlenv_${name} ${scope} ${ROOM_LINKS})
  if(MLENVCTL_TESTS)
    add_test(NAME rooms.${name}
             COMMAND ${CMAKE_COMMAND} "-DROOM=${name}" "-DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}" "-DUSES=${ROOM_USES}"
                     "-DEXCEPT=${ROOM_EXCEPT}" "-DINCLUDES=${ROOM_INCLUDES}"
                     -P ${PROJECT_SOURCE_DIR}/cmake/CheckRoom.cmake)
    set_tests_properties(rooms.${name} PROPERTIES LABELS unit)
  endif()
endfunction()

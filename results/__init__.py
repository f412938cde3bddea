"""What a service delivers, turned into layers: conversion, styles, charts."""

<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="RuleRenderer" referencescale="-1" symbollevels="0" enableorderby="0" forceraster="0">
  <rules key="roads">
   <rule key="roads_1" label="Road" symbol="0" />
   <rule key="roads_far" label="Seen from afar" scalemindenom="50000" symbol="1" />
  </rules>
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="225,165,20,190" />
      <Option type="QString" name="outline_color" value="120,85,0,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <symbol type="marker" name="@1@0" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="225,165,20,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.8" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="225,165,20,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="30,30,30,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.25" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
</qgis>

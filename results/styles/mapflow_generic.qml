<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="RuleRenderer" referencescale="-1" symbollevels="0" enableorderby="0" forceraster="0">
  <rules key="generic">
   <rule key="generic_1" label="Mapped features">
    <rule key="generic_2" label="Buildings" filter="attribute($currentfeature, 'object_type') IN ('building', 'buildings')" symbol="0" />
    <rule key="generic_3" label="Roads" filter="attribute($currentfeature, 'object_type') IN ('road', 'roads')" symbol="1" />
    <rule key="generic_4" label="Trees" filter="attribute($currentfeature, 'object_type') IN ('forest', 'crown', 'crowns')" symbol="2" />
    <rule key="generic_5" label="Water" filter="attribute($currentfeature, 'object_type') IN ('waterbody', 'waterbodies')" symbol="3" />
    <rule key="generic_6" label="Land use" filter="attribute($currentfeature, 'object_type') = 'landuse'" symbol="4" />
    <rule key="generic_7" label="Other" filter="ELSE" symbol="5" />
   </rule>
   <rule key="generic_far" label="Seen from afar" scalemindenom="50000" symbol="6" />
  </rules>
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="235,110,52,160" />
      <Option type="QString" name="outline_color" value="140,50,10,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="225,165,20,160" />
      <Option type="QString" name="outline_color" value="120,85,0,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="62,150,70,160" />
      <Option type="QString" name="outline_color" value="15,80,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="45,140,200,160" />
      <Option type="QString" name="outline_color" value="15,75,125,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="150,140,110,160" />
      <Option type="QString" name="outline_color" value="90,80,50,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="5" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="110,100,215,120" />
      <Option type="QString" name="outline_color" value="60,50,165,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.5" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="6" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <symbol type="marker" name="@6@0" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="110,100,215,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.8" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="110,100,215,255" />
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
